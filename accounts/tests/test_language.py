"""The language follows the browser until somebody chooses one."""

import pytest

from audit.models import Event


def test_anonymous_people_keep_their_language_in_a_cookie(client, cast):
    response = client.post("/language/", {"language": "zh-hans", "next": "/sign-in/?next=/people/"})
    assert response["Location"] == "/sign-in/?next=/people/"
    assert 'lang="zh-hans"' in client.get("/sign-in/").content.decode()
    client.post("/language/", {"language": "en"})
    assert 'lang="en"' in client.get("/sign-in/").content.decode()


def test_signed_in_people_keep_it_with_their_account(cast, sign_in):
    client = sign_in(cast.outsider)
    client.post("/language/", {"language": "zh-hans"})
    cast.outsider.refresh_from_db()
    assert cast.outsider.language == "zh-hans"
    assert Event.objects.about(cast.outsider).first().changes == {"language": ["", "zh-hans"]}
    client.cookies.clear()
    client = sign_in(cast.outsider)
    assert (
        'lang="zh-hans"'
        in client.get("/people/", headers={"Accept-Language": "en"}).content.decode()
    )


@pytest.mark.parametrize("language", ["xx", "", "\0", "de"])
def test_an_unknown_language_changes_nothing(cast, sign_in, language):
    response = sign_in(cast.outsider).post("/language/", {"language": language})
    assert response.status_code == 302
    cast.outsider.refresh_from_db()
    assert cast.outsider.language == ""


def test_the_switch_takes_only_a_post(client, cast):
    assert client.get("/language/").status_code == 405
