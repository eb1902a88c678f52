-- The database of a hosting company, as such databases are: most links declared as foreign keys, some forgotten;
-- most dates indexed, one not. Moments are UTC.

CREATE TABLE customers (
    id INTEGER PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    full_name TEXT NOT NULL,
    phone TEXT,
    address TEXT,
    login TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    closed_at TIMESTAMP,
    last_login_at TIMESTAMP,
    last_login_ip TEXT,
    totp_secret TEXT, -- encrypted by the application; null without a second factor
    marketing_score INTEGER -- added in a hurry one day; no line of systems.yaml knows it
);
CREATE INDEX customers_closed_at ON customers (closed_at);

CREATE TABLE organizations (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE memberships (
    id INTEGER PRIMARY KEY,
    organization_id INTEGER NOT NULL REFERENCES organizations (id),
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    role TEXT NOT NULL,
    joined_at TIMESTAMP NOT NULL,
    UNIQUE (organization_id, customer_id)
);
CREATE INDEX memberships_customer_id ON memberships (customer_id);

CREATE TABLE applications (
    id INTEGER PRIMARY KEY,
    organization_id INTEGER NOT NULL REFERENCES organizations (id),
    name TEXT NOT NULL,
    runtime TEXT NOT NULL,
    repository_url TEXT,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX applications_organization_id ON applications (organization_id);

-- What customers host in them is theirs, and not in this database.
CREATE TABLE addons (
    id INTEGER PRIMARY KEY,
    application_id INTEGER NOT NULL REFERENCES applications (id),
    product TEXT NOT NULL, -- postgresql, mysql, mongodb, redis, elastic, cellar, pulsar
    resource TEXT NOT NULL UNIQUE, -- by which it is known where it runs
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX addons_application_id ON addons (application_id);

CREATE TABLE invoices (
    id INTEGER PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    billing_name TEXT NOT NULL,
    billing_address TEXT,
    amount_cents INTEGER NOT NULL,
    currency TEXT NOT NULL,
    issued_at TIMESTAMP NOT NULL
);
CREATE INDEX invoices_customer_id ON invoices (customer_id);
CREATE INDEX invoices_issued_at ON invoices (issued_at);

CREATE TABLE payments (
    id INTEGER PRIMARY KEY,
    invoice_id INTEGER NOT NULL REFERENCES invoices (id),
    customer_id INTEGER NOT NULL, -- no foreign key
    method TEXT NOT NULL,
    provider_reference TEXT,
    amount_cents INTEGER NOT NULL,
    paid_at TIMESTAMP NOT NULL
);
CREATE INDEX payments_invoice_id ON payments (invoice_id);
CREATE INDEX payments_customer_id ON payments (customer_id);
CREATE INDEX payments_paid_at ON payments (paid_at);

-- Who created, changed or deleted content: what a host must keep for a year.
CREATE TABLE connection_log (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL, -- no foreign key
    application_id INTEGER NOT NULL, -- no foreign key
    operation TEXT NOT NULL,
    protocol TEXT NOT NULL,
    ip TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL -- no index
);
CREATE INDEX connection_log_customer_id ON connection_log (customer_id);

CREATE TABLE access_log (
    id INTEGER PRIMARY KEY,
    login TEXT, -- null before somebody signs in; no foreign key
    ip TEXT NOT NULL,
    user_agent TEXT,
    path TEXT NOT NULL,
    status INTEGER NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);
CREATE INDEX access_log_login ON access_log (login);
CREATE INDEX access_log_recorded_at ON access_log (recorded_at);

CREATE TABLE support_conversations (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    email TEXT NOT NULL,
    phone TEXT,
    ip TEXT,
    subject TEXT NOT NULL,
    opened_at TIMESTAMP NOT NULL,
    last_activity_at TIMESTAMP,
    closed_at TIMESTAMP
);
CREATE INDEX support_conversations_customer_id ON support_conversations (customer_id);

CREATE TABLE support_messages (
    id INTEGER PRIMARY KEY,
    conversation_id INTEGER NOT NULL REFERENCES support_conversations (id),
    author_type TEXT NOT NULL, -- customer or staff
    author_id INTEGER, -- of customers, or a number of the staff directory; null: a machine
    mentioned_customer_id INTEGER, -- somebody else the message is about
    body TEXT NOT NULL,
    sent_at TIMESTAMP NOT NULL
);
CREATE INDEX support_messages_conversation_id ON support_messages (conversation_id);
CREATE INDEX support_messages_author ON support_messages (author_type, author_id);
CREATE INDEX support_messages_mentioned_customer_id ON support_messages (mentioned_customer_id);

CREATE TABLE hotline_calls (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER, -- null while nobody knows who calls; no foreign key
    phone TEXT NOT NULL,
    agent_id INTEGER NOT NULL, -- a number of the staff directory
    called_at TIMESTAMP NOT NULL,
    closed_at TIMESTAMP
);
CREATE INDEX hotline_calls_customer_id ON hotline_calls (customer_id);
CREATE INDEX hotline_calls_closed_at ON hotline_calls (closed_at);

-- What people asked of their rights. Copied from the mailbox and the letters of the Legal Department.
CREATE TABLE rights_requests (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER, -- null for visitors, candidates, strangers; no foreign key
    email TEXT,
    asked TEXT NOT NULL,
    words TEXT,
    identity_check TEXT,
    received_at TIMESTAMP NOT NULL,
    replied_at TIMESTAMP
);
CREATE INDEX rights_requests_customer_id ON rights_requests (customer_id);
CREATE INDEX rights_requests_replied_at ON rights_requests (replied_at);

-- Instructions for after a customer's death.
CREATE TABLE directives (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL, -- no foreign key
    instruction TEXT NOT NULL, -- keep, erase, communicate
    designee_name TEXT,
    designee_email TEXT,
    given_at TIMESTAMP NOT NULL,
    death_notified_at TIMESTAMP
);
CREATE INDEX directives_customer_id ON directives (customer_id);

CREATE TABLE candidates (
    id INTEGER PRIMARY KEY,
    full_name TEXT NOT NULL,
    date_of_birth DATE,
    email TEXT NOT NULL,
    phone TEXT,
    address TEXT,
    resume TEXT,
    salary_expectation INTEGER,
    applied_at TIMESTAMP NOT NULL,
    last_contact_at TIMESTAMP,
    decided_at TIMESTAMP
);

CREATE TABLE interviews (
    id INTEGER PRIMARY KEY,
    candidate_id INTEGER NOT NULL REFERENCES candidates (id),
    interviewer_id INTEGER NOT NULL, -- a number of the staff directory
    held_at TIMESTAMP,
    result TEXT
);
CREATE INDEX interviews_candidate_id ON interviews (candidate_id);

-- Copied every night from the self-hosted Matomo.
CREATE TABLE visits (
    id INTEGER PRIMARY KEY,
    visitor_id TEXT NOT NULL, -- a pseudonym
    ip TEXT,
    browser TEXT,
    operating_system TEXT,
    device TEXT,
    screen TEXT,
    url TEXT NOT NULL,
    action TEXT,
    recorded_at TIMESTAMP NOT NULL
);
CREATE INDEX visits_recorded_at ON visits (recorded_at);
