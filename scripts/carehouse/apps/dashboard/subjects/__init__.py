"""The pages, in the order of the menu (a folder called pages would be taken by Streamlit)."""

from carehouse.apps.dashboard.subjects.care import CARE
from carehouse.apps.dashboard.subjects.claims import CLAIMS
from carehouse.apps.dashboard.subjects.clinic import CLINIC
from carehouse.apps.dashboard.subjects.data import DATA
from carehouse.apps.dashboard.subjects.dental import DENTAL
from carehouse.apps.dashboard.subjects.models import MODELS
from carehouse.apps.dashboard.subjects.today import TODAY

PAGES = (TODAY, CLINIC, CARE, DENTAL, CLAIMS, MODELS, DATA)
