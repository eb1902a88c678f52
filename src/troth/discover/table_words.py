"""The words by which tables of people, links, moments and topics are known, in English and French, as data.

Names are compared in the plain form of ``naming.py``, words of tables in the form for one.
"""

from __future__ import annotations

PEOPLE = frozenset({
    "abonne", "adherent", "admin", "administrator", "allocataire", "applicant", "assure", "attendee", "author",
    "beneficiaire", "benevole", "borrower", "candidate", "citizen", "client", "contact", "customer", "donateur",
    "donor", "driver", "eleve", "employe", "employee", "etudiant", "guest", "individual", "lead", "locataire",
    "member", "membre", "participant", "passenger", "patient", "people", "person", "personne", "player", "reader",
    "salarie", "soignant", "staff", "student", "subscriber", "teacher", "usager", "user", "utilisateur",
    "volunteer",
})  # fmt: skip
"""What a table of people is called."""
STAFF = frozenset({
    "admin", "administrator", "employe", "employee", "salarie", "soignant", "staff", "teacher",
})  # fmt: skip
NO_PEOPLE = frozenset({
    "activity", "category", "count", "event", "export", "field", "form", "gateway", "group", "history", "import",
    "key", "label", "list", "log", "note", "option", "permission", "preference", "request", "role", "session",
    "setting", "statistic", "status", "tag", "template", "token", "type", "version", "view",
    "invoice", "config", "configuration", "order", "bill", "message", "mail", "payment", "email", "address",
    "invitation",
    "subscription", "provider", "account_setting", "server", "queue", "job", "webhook", "delivery", "shipment",
    "domain",
})  # fmt: skip
"""A table whose last word is one of these is about people at most: ``user_roles``."""
OWNERS = frozenset({
    "abonne", "acheteur", "adherent", "applicant", "attendee", "beneficiaire", "beneficiary", "borrower", "buyer",
    "client", "customer", "donor", "employee", "follower", "holder", "individual", "member", "membre",
    "owner", "participant", "patient", "payer", "people", "person", "personne", "profile", "proprietaire",
    "recipient", "student", "subscriber", "titulaire", "usager", "user", "utilisateur", "voter",
})  # fmt: skip
"""Whose a row is."""
AUTHORS = frozenset({
    "auteur", "author", "commenter", "demandeur", "expediteur", "poster",
    "redacteur", "reporter", "requester", "sender", "submitter", "uploader", "writer",
})  # fmt: skip
"""Who wrote a row: its own person where nobody else is."""
PERSONS = (
    "*_by", "*_by_{id,user,user_id}", "assign{ee,ed_to}*", "approver*", "reviewer*", "moderator*", "editor",
    "inviter",
    "supervisor*", "whodunnit", "creator", "createur", "manager", "managed", "contact", "*_contact", "valideur*",
    "impersonator*", "*_manager", "*_creator",
    "invited_*", "responsable*",
)  # fmt: skip
"""Names of references that can only be people's."""
POLYMORPHIC = frozenset({
    "addressable", "participant", "attachable", "auditable", "billable", "causer", "commenter", "contactable",
    "item", "notifiable",
    "phoneable", "record", "subject", "tokenable", "trackable", "versionable", "historisable", "historyable",
})  # fmt: skip
"""Polymorphic references that usually lead to people among others."""
MENTIONS = (
    "*_by", "*_by_*", "{created,updated,modified,deleted,approved,closed,resolved,invited}*", "assign*",
    "approver*", "reviewer*", "moderator*", "editor*", "*manager*", "admin*", "agent*", "handler*", "inviter*",
    "referr*", "staff*", "whodunnit", "*supervisor*", "coach*", "responsable*", "valideur*", "parrain*",
    "impersonat*", "banner*", "last_*", "hat_*", "merged_*", "disabled_*", "disavowed*", "recipient_user",
    "target*",
    "*contact", "manager*", "sponsor*", "creator", "createur", "issuer",
)  # fmt: skip
"""Who is only named in a row."""
OPERATORS = frozenset({"user", "account", "admin", "utilisateur", "owner"})
"""Who works for an organisation, in rows that are the organisation's."""
TENANTS = frozenset({
    "account", "association", "company", "conversation", "enterprise", "entreprise", "equipe", "family", "foyer",
    "group", "groupe", "household", "organisation", "organization", "project", "projet", "room", "societe", "space",
    "structure", "team", "tenant", "workspace",
})  # fmt: skip
"""What people share: organisations."""
WHOLE_TENANTS = frozenset({"organization", "organisation", "tenant", "workspace"})
"""Those that are so behind another word, too: a ``social_account`` is none."""
MEMBERSHIP = frozenset({
    "adhesion", "collaborator", "member", "membership", "owner", "participant", "role", "seat", "user",
    "visibility",
})  # fmt: skip
"""Words in the name of the table by which they share it."""
CLOSED_AT = (
    "{closed,deactivated,deleted,discarded,archived,disabled,terminated}_{at,on}",
    "{cancelled,canceled,left,locked_out,removed,ended}_{at,on}",
    "{deletion,closing,closure,termination,end,exit,leaving}_date",
    "date_{cloture,fermeture,suppression,depart,fin,sortie}", "supprime_le", "end_on", "suppression_date",
    "date_left",
)  # fmt: skip
"""Soft deletes: the row stays, and says since when it is over."""
CLOSED_IF: tuple[tuple[str, tuple[str | int | bool, ...]], ...] = (
    ("{active,is_active,enabled,is_enabled,actif,est_actif}", (False, 0, "N", "n", "no", "false", "f")),
    ("{deleted,is_deleted,archived,is_archived,closed,disabled,discarded,supprime,anonymized}",
     (True, 1, "Y", "y", "yes", "true", "t")),
    ("{status,state,statut,etat}",
     ("closed", "deleted", "inactive", "disabled", "archived", "terminated", "left", "ferme", "cloture", "supprime")),
)  # fmt: skip
"""Soft deletes without a date: columns, and the values that say it is over."""
RECORDED = (
    "{created,inserted,recorded,occurred,logged,happened,sent,received,posted,submitted}_{at,on}",
    "{create,creation,created,insert,date,date_add,date_created,created_date,creation_date,date_creation}",
    "{create_date,date_joined,timestamp,time,datetime,occurred,cree_le,date_ajout,enregistre_le}",
    "{added_at,registered_at}",
)  # fmt: skip
"""The moment a row was made, the likeliest first."""
BILLED = (
    "{invoice,invoiced,payment,paid,billing,issue,issued,order,transaction}_{date,at,on}",
    "date_{facture,paiement}", "paid_at", "invoiced_at", "issued_at", "date",
)  # fmt: skip
TOPICS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("logs", (
        "login", "logins", "log", "logs", "audit*", "session*", "access_log*", "security*", "journal*",
        "connexion*", "version*", "history", "historique*", "historical*", "event_log*", "activit*", "ledger*",
        "token*", "authentication*", "otp*", "device*", "keystore*",
    )),
    ("billing", (
        "invoice*", "payment*", "bill*", "charge*", "credit*", "refund*", "facture*", "paiement*", "subscription*",
        "transaction*", "expense*", "quote*", "purchase*", "order*", "commande*", "payout*", "receipt*",
        "donation*", "card*", "iban*", "gateway*", "bank*",
    )),
    ("support", (
        "ticket*", "conversation*", "hotline*", "support*", "inquir*", "enquir*", "demande*", "complaint*",
        "helpdesk*", "feedback*",
    )),
    ("marketing", (
        "newsletter*", "campaign*", "lead*", "subscriber*", "mailing*", "prospect*", "marketing*", "optin*",
        "unsubscribe*", "bulk_mail*",
    )),
    ("analytics", (
        "visit*", "pageview*", "page_view*", "ahoy*", "analytic*", "tracking*", "impression*", "click*", "hit",
    )),
)  # fmt: skip
"""Processing of the starter policy → words in a table's name that mean it."""
MACHINERY = (
    "schema_migrations", "ar_internal_metadata", "django_migrations", "django_content_type", "django_site",
    "auth_permission", "auth_group*", "migrations", "flyway_schema_history", "alembic_version", "spatial_ref_sys",
    "databasechangelog*", "knex_migrations*", "sqlite_*", "active_storage_variant_records", "cache", "cache_locks",
    "_prisma_migrations", "doctrine_migration_versions", "goose_db_version", "job_batches",
)  # fmt: skip
"""Tables of frameworks and tools."""
