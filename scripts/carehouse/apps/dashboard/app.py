"""The Streamlit script behind `carehouse dashboard`; run by it, never imported."""

import hmac

import streamlit as st

from carehouse.apps.dashboard import data
from carehouse.apps.dashboard.frame import show
from carehouse.apps.dashboard.question import Page
from carehouse.apps.dashboard.subjects import PAGES

LOOK_EVERY_SECONDS = 5  # for a newly published file

st.set_page_config(page_title="carehouse", layout="wide")
# the toolbar of tables downloads text that a spreadsheet may run as a formula
st.html(
    "<style>[data-testid='stElementToolbar'], [data-testid='stAppDeployButton'] {display: none}"
    ".stMainBlockContainer {padding-top: 2.5rem} h1 {font-size: 1.9rem !important}"
    "h2 {font-size: 1.25rem !important} [data-testid='stMetricValue'] {font-size: 1.5rem}"
    # Streamlit's own grey is too light on white, and its focus ring hard to see
    "[data-testid='stCaptionContainer'] {color: #4d4d4d !important; opacity: 1 !important}"
    ":focus-visible {outline: 3px solid #b9770e !important; outline-offset: 2px !important}"
    "</style>"
)
# a table wider than the screen scrolls, which the keyboard can do only where it can go
st.html(
    """
    <script>
    function letTheKeyboardScroll() {
        for (const box of document.querySelectorAll(".stTable > div")) {
            if (box.scrollWidth <= box.clientWidth) {
                box.removeAttribute("tabindex");
            } else if (!box.hasAttribute("tabindex")) {
                const told = box.querySelector("table")?.getAttribute("aria-label") || "Table";
                box.setAttribute("tabindex", "0");
                box.setAttribute("role", "region");
                box.setAttribute("aria-label", told + " It scrolls sideways.");
            }
        }
    }
    if (!window.carehouseScrolls) {
        window.carehouseScrolls = new ResizeObserver(letTheKeyboardScroll);
        window.carehouseScrolls.observe(document.body);
        new MutationObserver(letTheKeyboardScroll).observe(
            document.body, {childList: true, subtree: true}
        );
    }
    </script>
    """,
    unsafe_allow_javascript=True,
)


def is_allowed() -> bool:
    """Beyond this computer (CAREHOUSE_API_TOKEN is set) only with the token."""
    token = data.settings().api_token
    if not token or st.session_state.get("is_allowed"):
        return True
    typed = st.text_input("Token", type="password")
    if typed and hmac.compare_digest(typed.encode(), token.encode()):
        st.session_state["is_allowed"] = True
        st.rerun()
    if typed:
        st.error("This is not the token.")
    return False


@st.fragment(run_every=LOOK_EVERY_SECONDS)
def look_for_a_new_file(seen: data.Stamp) -> None:
    """Show the page again when another file has been published."""
    if data.stamp() != seen:
        st.rerun()


def choose_page() -> Page:
    """The page that the URL names (`?page=clinic`), and the menu.

    Streamlit's own pages would look for its server below each page's path first, an error each.
    """
    by_path = {page.path: page for page in PAGES}
    told = st.query_params.get("page")
    picked = st.segmented_control(
        "Page",
        list(by_path),
        default=told if told in by_path else PAGES[0].path,
        format_func=lambda path: by_path[path].title,
        label_visibility="collapsed",
        key="page",
        required=True,
    )
    if picked != st.query_params.get("page", PAGES[0].path):
        st.query_params.clear()  # the filters are another page's
        st.query_params["page"] = picked
    return by_path[picked]


if is_allowed():
    show(choose_page())
    look_for_a_new_file(data.stamp())
