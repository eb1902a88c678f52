"""Where rows lead: foreign keys, names with a sample, polymorphic, organisations, copies; whose, by whom, named."""

from __future__ import annotations

from tests.unit.discover.building import USERS, facts, sample, table

from troth.discover.facts import Facts, Seen
from troth.discover.frameworks import convention_of
from troth.discover.guessing import Guesses, guess
from troth.discover.links import candidates


def belongs(guesses: Guesses, name: str) -> list[tuple[str, str]]:
    return [(edge.column, edge.target) for edge in guesses.rooted[name].belongs]


def mentions(guesses: Guesses, name: str) -> list[tuple[str, str]]:
    return [(edge.column, edge.target) for edge in guesses.rooted[name].mentions]


def test_people_by_name_and_by_a_password() -> None:
    guesses = guess(facts(USERS, table("kunden", "id:number! email password"), table("tags", "id:number! label")))
    assert guesses.people["users"].reason == "a name of people, found by email"
    assert guesses.people["kunden"].reason == "an e-mail beside a password"
    assert guesses.not_personal() == ("tags",)


def test_staff_are_employees() -> None:
    guesses = guess(facts(table("staff", "id:number! email username")))
    assert guesses.people["staff"].subject == "employee"
    assert guesses.people["staff"].by == (("email", "email"), ("login", "username"))
    assert guesses.topics["staff"] == "employees"


def test_people_without_a_way_to_find_them_are_found_by_their_number() -> None:
    guesses = guess(facts(table("patients", "id:number! name")))
    assert guesses.people["patients"].by == (("id", "id"),)
    assert guesses.people["patients"].certainty == "weak"


def test_an_invoice_with_a_recipients_address_is_no_person() -> None:
    assert guess(facts(table("invoices", "id:number! recipient_email recipient_first_name"))).people == {}


def test_a_foreign_key_is_sure() -> None:
    guesses = guess(facts(USERS, table("orders", "id:number! user_id:number!", refers={"user_id": "users"})))
    assert belongs(guesses, "orders") == [("user_id", "users")]
    assert (guesses.rooted["orders"].reason, guesses.rooted["orders"].certainty) == ("foreign key user_id", "sure")


def orders(agreed: tuple[int, int] | None) -> Facts:
    tables = (USERS, table("orders", "id:number! user_id:number", seen={"user_id": sample()}))
    return facts(*tables, agreed={("orders", "user_id", "users"): agreed} if agreed else None)


def test_a_name_and_a_kind_are_asked_of_the_sample() -> None:
    assert candidates(orders(None), guess(orders(None)).people) == (("orders", "user_id", "users"),)


def test_a_name_with_a_sample_that_agrees_is_likely() -> None:
    rooted = guess(orders((50, 50))).rooted["orders"]
    assert (rooted.reason, rooted.certainty) == ("named user_id; 50 of 50 sampled values agree", "likely")


def test_a_name_that_was_not_sampled_is_weak() -> None:
    rooted = guess(orders(None)).rooted["orders"]
    assert (rooted.reason, rooted.certainty) == ("named user_id, not sampled", "weak")


def test_a_name_with_a_sample_that_contradicts_is_no_link() -> None:
    assert "orders" not in guess(orders((3, 50))).rooted


def test_another_kind_is_no_link() -> None:
    assert "orders" not in guess(facts(USERS, table("orders", "id:number! user_id:uuid"))).rooted


def test_who_wrote_a_row_owns_it_and_who_handled_it_is_named() -> None:
    notes = table("notes", "id:number! author_id:number assignee_id:number created_by:number body")
    guesses = guess(facts(USERS, notes))
    assert belongs(guesses, "notes") == [("author_id", "users")]
    assert mentions(guesses, "notes") == [("assignee_id", "users"), ("created_by", "users")]


def test_rows_that_only_name_people_belong_to_nobody() -> None:
    guesses = guess(facts(USERS, table("plans", "id:number! updated_by_id:number")))
    assert belongs(guesses, "plans") == []
    assert mentions(guesses, "plans") == [("updated_by_id", "users")]


def test_staff_is_named_in_rows_of_customers() -> None:
    staff = table("staff", "id:number! email username")
    rental = table(
        "rental",
        "id:number! customer_id:number! staff_id:number!",
        refers={"customer_id": "customer", "staff_id": "staff"},
    )
    guesses = guess(facts(table("customer", "id:number! email"), staff, rental))
    assert belongs(guesses, "rental") == [("customer_id", "customer")]
    assert mentions(guesses, "rental") == [("staff_id", "staff")]


def test_a_row_of_a_persons_row_goes_with_it() -> None:
    order = table("orders", "id:number! user_id:number!", refers={"user_id": "users"})
    line = table("order_lines", "id:number! order_id:number!", refers={"order_id": "orders"})
    guesses = guess(facts(line, order, USERS))
    assert belongs(guesses, "order_lines") == [("order_id", "orders")]


def test_a_table_with_two_ways_has_the_direct_one() -> None:
    order = table("orders", "id:number! user_id:number!", refers={"user_id": "users"})
    pay = table(
        "payments", "id:number! order_id:number! user_id:number!", refers={"order_id": "orders", "user_id": "users"}
    )
    assert belongs(guess(facts(pay, order, USERS)), "payments") == [("user_id", "users")]


def test_polymorphic_links_by_the_classes_in_the_sample() -> None:
    types = sample(distinct=3, words=("App\\Models\\User", "Order", "Widget"))
    order = table("orders", "id:number! user_id:number!", refers={"user_id": "users"})
    poly = table("attachments", "id:number! owner_type owner_id:number", seen={"owner_type": types})
    guesses = guess(facts(USERS, order, poly))
    found = [(edge.target, edge.when) for edge in guesses.rooted["attachments"].belongs]
    assert found == [("users", ("owner_type", "App\\Models\\User")), ("orders", ("owner_type", "Order"))]
    assert guesses.rooted["attachments"].reason == "owner_type names it in the sample"


def test_polymorphic_links_without_rows_are_weak_and_only_where_they_are_usual() -> None:
    item = table("versions", "id:number! item_type item_id:number whodunnit:number")
    other = table("widgets", "id:number! context_type context_id:number")
    guesses = guess(facts(USERS, item, other))
    assert guesses.rooted["versions"].belongs[0].when == ("item_type", "User")
    assert guesses.rooted["versions"].certainty == "weak"
    assert "widgets" not in guesses.rooted


def test_an_organisation_is_shared_through_its_memberships() -> None:
    refers = {"user_id": "users", "company_id": "companies"}
    member = table("memberships", "id:number! user_id:number! company_id:number!", refers=refers)
    company = table("companies", "id:number! name email phone owner_id:number", refers={"owner_id": "users"})
    guesses = guess(facts(USERS, member, company))
    (shared,) = guesses.rooted["companies"].shared
    assert (shared.owners, shared.row) == ("memberships", "company_id")
    assert belongs(guesses, "companies") == []


def test_what_those_who_work_for_an_organisation_made_is_not_theirs() -> None:
    refers = {"user_id": "users", "company_id": "companies"}
    company = table("companies", "id:number! name")
    product = table("products", "id:number! user_id:number! company_id:number! title", refers=refers)
    logins = table("login_logs", "id:number! user_id:number! company_id:number! ip", refers=refers)
    guesses = guess(facts(USERS, company, product, logins))
    assert belongs(guesses, "products") == []
    assert mentions(guesses, "products") == [("user_id", "users")]
    assert belongs(guesses, "login_logs") == [("user_id", "users")]


def test_an_address_that_people_refer_to_stays_until_the_last() -> None:
    customer = table("customer", "id:number! email address_id:number!", refers={"address_id": "address"})
    guesses = guess(facts(customer, table("address", "id:number! street postal_code")))
    (shared,) = guesses.rooted["address"].shared
    assert (shared.owners, shared.row, shared.reason) == ("customer", "address_id", "customer.address_id leads to it")


def test_a_table_of_former_states_goes_with_the_row_it_copies() -> None:
    copy = table("users_history", "history_id:number! id:number email name created_at:datetime deleted_at:datetime")
    guesses = guess(facts(USERS, copy))
    assert belongs(guesses, "users_history") == [("id", "users")]
    assert guesses.rooted["users_history"].reason == "copies rows of users"
    assert guesses.topics["users_history"] == "logs"


def test_the_store_itself_may_say_what_is_a_copy() -> None:
    copy = table("old_u", "version:number! user_id:number email name", history_of="users")
    assert belongs(guess(facts(USERS, copy)), "old_u") == [("user_id", "users")]


def test_addresses_of_nobody_are_undecided_and_e_mails_of_nobody_declared() -> None:
    guesses = guess(facts(table("venues", "id:number! street"), table("bounces", "id:number! email")))
    assert [each.table for each in guesses.undecided if each.column is None] == ["venues"]
    assert guesses.rooted["bounces"].reason == "holds email, and nothing says whose"


def test_a_common_first_word_is_no_part_of_a_name() -> None:
    tables = [table(f"ost_{name}", "id:number! slug") for name in ("a", "b", "c")]
    users = table("ost_user", "id:number! email")
    guesses = guess(facts(*tables, users, table("ost_ticket", "id:number! user_id:number")))
    assert belongs(guesses, "ost_ticket") == [("user_id", "ost_user")]


def test_frameworks_are_known_by_their_own_tables() -> None:
    def named(*names: str) -> Facts:
        return facts(*(table(name, "id:number!") for name in names))

    assert convention_of(named("ar_internal_metadata", "users").tables) == "rails"
    assert convention_of(named("django_migrations").tables) == "django"
    assert convention_of(named("migrations", "password_resets").tables) == "laravel"
    assert convention_of(named("migrations").tables) == "plain"


def test_a_frameworks_own_tables_hold_nothing() -> None:
    guesses = guess(facts(USERS, table("schema_migrations", "version!")))
    assert guesses.not_personal() == ("schema_migrations",)


def test_a_state_column_keeps_its_words_and_others_do_not() -> None:
    from troth.execution.sampling import summed

    assert summed("status", "text", ["open", "closed", "open"]).words == ("closed", "open")
    assert summed("comment", "text", ["ann", "bob"]).words == ()
    assert summed("owner_type", "text", ["ann@shop.example"]).words == ()
    assert isinstance(summed("x", "json", [{"a": {"b": "c"}}]).paths["a.b"], Seen)
