from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from morula.urls import address, is_url, without_secrets

words = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_.", min_size=1, max_size=12)


def test_what_is_a_url_and_what_is_a_name_here():
    for url in ("s3://bucket/a.tif", "https://example.org/a b.tif", "zip://a.tif::memory://b.zip", "simplecache::gs://b/a",
                "memory://a"):
        assert is_url(url), url
    for name in (r"C:\images\a.tif", "C:/images", "c://images", "images/a.tif", "embryos.lif:2", "D::", "", "."):
        assert not is_url(name), name


@given(words, words, words, words)
def test_what_lets_in_is_not_shown(host, account, password, signature):
    url = f"https://{account}:{password}@{host}/folder/a.tif?X-Amz-Signature={signature}"
    bare = f"https://{host}/folder/a.tif"
    assert without_secrets(url) == bare
    assert without_secrets(f"Forbidden: '{url}' (403)") == f"Forbidden: '{bare}' (403)"
    assert without_secrets(f"zip://b.tif::{url}") == f"zip://b.tif::{bare}"
    assert without_secrets(f"zip://b.tif::{url} and {url}") == f"zip://b.tif::{bare} and {bare}"
    taken = address(url)
    assert f"{taken.protocol}://{taken.account}{taken.way}{taken.query}" == url
    assert (taken.way, taken.query) == (f"{host}/folder/a.tif", f"?X-Amz-Signature={signature}")


def test_patterns_are_no_queries():
    assert address("s3://bucket/a?.tif")[2:4] == ("bucket/a?.tif", "")
    assert address("s3://bucket/a.tif?versionId=7")[2:4] == ("bucket/a.tif", "?versionId=7")
    assert address("https://example.org/a.tif?token")[2:4] == ("example.org/a.tif", "?token")


def test_chains():
    taken = address("simplecache::zip://a/b.tif::s3://bucket/c.zip")
    assert (taken.before, taken.protocol, taken.way, taken.through) == ("simplecache::", "zip", "a/b.tif",
                                                                      "s3://bucket/c.zip")
    assert taken.last_protocol == "s3"
    assert address("zip::s3://bucket/c.zip")[0:3:2] == ("zip", "")
