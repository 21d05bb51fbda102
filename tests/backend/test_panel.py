"""What all pages of the panel share: lists that no address breaks, cells that are no formulas, pictures, the policy."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

from backend.admin.meter_types import MeterTypesView
from backend.database import db
from backend.models import MeterType
from backend.storage import get_storage

from .accounts import csrf, login
from .folders import draw

LIST = "/admin/meter-types/"
HTML = {"Accept": "text/html"}


@pytest.fixture
def admin(client: FlaskClient) -> FlaskClient:
    login(client, "admin")
    return client


def create(client: FlaskClient, **values: str) -> str:
    """Fill in the form for a new meter type; the page that follows."""
    data = {"name": "other", "unit": "m³", "digits": "5", "decimals": "3", "display": "lcd", **values}
    answer = client.post(f"{LIST}new/", data=data, headers=csrf(client) | HTML, follow_redirects=True)
    assert answer.status_code == 200
    return answer.text


def names(app: Flask) -> list[str]:
    with app.app_context():
        found = list(db.session.scalars(select(MeterType.name).order_by(MeterType.id)))
        db.session.remove()
    return found


def test_meter_types_are_made_changed_and_deleted(app: Flask, admin: FlaskClient) -> None:
    assert "Record was successfully created." in create(admin, name="  BK-G4 ")
    with app.app_context():
        made = db.session.scalars(select(MeterType).where(MeterType.name == "BK-G4")).one()
        assert (made.unit, made.digits, made.decimals, made.display) == ("m³", 5, 3, "lcd")
        assert (made.created_by, made.updated_by) == ("admin", "admin")
        number = made.id
        db.session.remove()
    changed = {"name": "BK-G4", "unit": "", "digits": "", "decimals": "", "display": ""}
    admin.post(f"{LIST}edit/?id={number}", data=changed, headers=csrf(admin))
    with app.app_context():
        made = db.session.get_one(MeterType, number)
        assert (made.unit, made.digits, made.decimals, made.display) == ("", None, None, None)
        db.session.remove()
    admin.post(f"{LIST}delete/", data={"id": str(number)}, headers=csrf(admin))
    assert names(app) == ["Mercury 201"]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"name": "Mercury 201"}, "Already exists."),
        ({"digits": "11"}, "Number must be between 1 and 10."),
        ({"digits": "three"}, "Not a valid integer value."),
        ({"digits": "3", "decimals": "3"}, "Expected fewer decimals than digits."),
        ({"display": "wheels"}, "Not a valid choice."),
        ({"name": "x" * 81}, "Field cannot be longer than 80 characters."),
        ({"name": ""}, "This field is required."),
    ],
)
@pytest.mark.one_database("sqlite", reason="refused before the database is asked")
def test_bad_meter_types_are_refused_with_a_sentence(
    app: Flask, admin: FlaskClient, values: dict[str, str], sentence: str
) -> None:
    assert sentence in create(admin, **values)
    assert names(app) == ["Mercury 201"]


def test_numbers_that_no_table_holds(app: Flask, admin: FlaskClient) -> None:
    for number in ("0", "-1", "1e9", "９", "99999999999", "9" * 30, "1 OR 1=1"):
        answer = admin.get(f"{LIST}edit/", query_string={"id": number}, headers=HTML, follow_redirects=True)
        assert (answer.status_code, "Record does not exist." in answer.text) == (200, True), number
        admin.post(f"{LIST}delete/", data={"id": number}, headers=csrf(admin))
    assert names(app) == ["Mercury 201"]


@pytest.mark.parametrize("page", ["-1", "1", "999", "99999999999999999999", "x", ""])
def test_a_page_that_is_not_there_is_the_nearest_one(admin: FlaskClient, page: str) -> None:
    answer = admin.get(LIST, query_string={"page": page}, headers=HTML)
    assert answer.status_code == 200
    assert "Mercury 201" in answer.text


@pytest.mark.parametrize("query", ["flt0_0=1", "flt=1", "flt1_name=x", "fltx"])
@pytest.mark.one_database("sqlite", reason="refused before the database is asked")
def test_filters_that_are_none_of_the_list_are_refused(admin: FlaskClient, query: str) -> None:
    assert admin.get(f"{LIST}?{query}").status_code == 400


def test_text_that_no_table_holds_is_refused(admin: FlaskClient) -> None:
    assert admin.get(f"{LIST}?search=a%00b").status_code == 400
    assert admin.post(f"{LIST}new/", data={"name": "a\0b"}, headers=csrf(admin)).status_code == 400
    assert admin.get(f"{LIST}?search=%ff%fe%25_").status_code == 200


@pytest.mark.parametrize(
    "data",
    [{"action": "format_disk", "rowid": "1"}, {"action": "delete", "rowid": "1"}, {"action": ""}],
)
@pytest.mark.one_database("sqlite", reason="refused before the database is asked")
def test_actions_that_the_list_does_not_have_are_refused(app: Flask, admin: FlaskClient, data: dict[str, str]) -> None:
    assert admin.post(f"{LIST}action/", data=data, headers=csrf(admin)).status_code == 400
    assert names(app) == ["Mercury 201"]


def test_going_back_leads_nowhere_else(admin: FlaskClient) -> None:
    answer = admin.post(f"{LIST}delete/", data={"id": "99", "url": "https://evil.example/"}, headers=csrf(admin))
    assert answer.location == LIST


@pytest.mark.one_database("sqlite", reason="the cells are made in Python")
@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_exported_cells_are_no_formulas(app: Flask, name: str) -> None:
    view = MeterTypesView(MeterType, db)
    with app.test_request_context():
        assert view.get_export_value(MeterType(name=name, digits=-5), "name") == f"'{name}"
        assert view.get_export_value(MeterType(name=name, digits=-5), "digits") == -5


def test_pictures_are_for_people_who_are_logged_in(app: Flask, client: FlaskClient) -> None:
    target = io.BytesIO()
    draw("00123", (900, 300)).save(target, "PNG")
    with app.app_context():
        key = get_storage().put(target.getvalue(), "png")
    address = f"/admin/pictures/{key[3:67]}"
    assert client.get(address).status_code == 401
    login(client, "viewer")
    answer = client.get(address)
    assert answer.data == target.getvalue()
    assert answer.mimetype == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert set(answer.headers["Cache-Control"].split(", ")) == {"private", "immutable", "max-age=31536000"}
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'"
    again = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    small = client.get(f"{address}?thumb")
    assert small.mimetype == "image/jpeg"
    assert len(small.data) < len(target.getvalue())
    with Image.open(io.BytesIO(small.data)) as picture:
        assert picture.size == (288, 96)
    for odd in ("0" * 64, "x", "..%2f..%2fsecret_key", key[3:67].upper()):
        assert client.get(f"/admin/pictures/{odd}").status_code == 404


@pytest.mark.one_database("sqlite", reason="headers only")
def test_each_answer_has_a_number_of_its_own_for_its_scripts(admin: FlaskClient) -> None:
    policies = [admin.get(address).headers["Content-Security-Policy"] for address in (LIST, LIST, "/admin/accounts/")]
    assert len({policy.split("'nonce-")[1].split("'")[0] for policy in policies}) == 3
    assert ["script-src-attr 'unsafe-inline'" in policy for policy in policies] == [True, True, False]
    assert not any("script-src 'self' 'unsafe" in policy or "unsafe-eval" in policy for policy in policies)


@pytest.mark.one_database("sqlite", reason="the menu only")
def test_the_menu_shows_what_somebody_may_see(app: Flask) -> None:
    shown = {}
    for role in ("viewer", "annotator", "admin"):
        client = app.test_client()
        login(client, role)
        page = client.get(LIST).text
        shown[role] = ["/admin/labelling/" in page, "/admin/accounts/" in page, f"{LIST}new/" in page]
    assert shown == {"viewer": [False] * 3, "annotator": [True, False, False], "admin": [True] * 3}


@pytest.mark.one_database("sqlite", reason="what is said")
def test_errors_are_told_in_the_language_of_the_panel(client: FlaskClient) -> None:
    login(client, "viewer")
    russian = HTML | {"Accept-Language": "ru"}
    forbidden = client.get("/admin/accounts/", headers=russian)
    assert forbidden.status_code == 403
    assert "нужна роль «администратор», а у вас «зритель»" in forbidden.text
    missing = client.get("/admin/training/999", headers=russian)
    assert "Не найдено" in missing.text and "в нём опечатка" in missing.text
    assert "Страница устарела" in client.post("/admin/logout", headers=russian).text
    assert client.post("/admin/logout").get_json()["error"]["message"] == "The CSRF token is missing."


@pytest.mark.one_database("sqlite", reason="what is said")
@pytest.mark.parametrize(
    ("page", "first"),
    [
        ("labelling", "/admin/training/upload"),
        ("training", "/admin/training/upload"),
        ("fragments", "/admin/training/"),
        ("augmentations", "/admin/fragments/"),
        ("duplicates", "/admin/training/"),
        ("duplicates/labels", "/admin/training/"),
        ("versions", "/admin/runs/"),
        ("runs", "/admin/runs/start"),
    ],
)
def test_an_empty_page_says_what_to_do_first(client: FlaskClient, page: str, first: str) -> None:
    login(client, "admin")
    text = client.get(f"/admin/{page}/" if page != "duplicates/labels" else f"/admin/{page}").text
    main = text.split("<main", 1)[1]
    assert 'class="empty"' in main and f'="{first}"' in main
