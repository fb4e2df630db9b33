"""The demo's tests share the browser of the page's tests."""

from tests.page.conftest import chromium as chromium
