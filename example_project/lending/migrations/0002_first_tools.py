"""Creates the first tools."""

from __future__ import annotations

from typing import Any

from django.db import migrations

TOOLS = [
    ("cordless-drill", "Cordless drill", "house", "18 V, two batteries, a box of bits.", 3),
    ("extension-ladder", "Extension ladder", "house", "Aluminum, 5.6 m. Bring a second person.", 3),
    ("wallpaper-steamer", "Wallpaper steamer", "house", "Needs half an hour and an old towel.", 7),
    ("hand-plane", "Hand plane No. 4", "wood", "Freshly sharpened. Please keep it off gravel.", 14),
    ("router-table", "Router table", "wood", "Heavy; comes with a trolley.", 7),
    ("pruning-saw", "Pruning saw", "garden", "Folds. For branches up to a wrist thick.", 7),
    ("hedge-trimmer", "Hedge trimmer", "garden", "Battery, 55 cm blade. Not between March and July.", 3),
    ("apple-press", "Apple press", "garden", "Booked early in September.", 2),
    ("truing-stand", "Truing stand", "bike", "With spoke keys, and patience.", 7),
]


def put_on_shelf(apps: Any, schema_editor: Any) -> None:
    Tool = apps.get_model("lending", "Tool")
    for slug, name, kind, note, loan_days in TOOLS:
        Tool.objects.get_or_create(
            slug=slug, defaults={"name": name, "kind": kind, "note": note, "loan_days": loan_days}
        )


class Migration(migrations.Migration):
    dependencies = [("lending", "0001_initial")]

    operations = [migrations.RunPython(put_on_shelf, migrations.RunPython.noop)]
