"""The product's addresses, and two floors: Django admin's change list, and a view that does nothing but its 50 rows.

Both go through the product's middleware: the same session, the same walls in the database.
"""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from casework.models import Case
from hiu.urls import urlpatterns as ours

ROWS = 50
_TABLE = """<!doctype html><title>Cases</title><table>{% for case in cases %}<tr><td>{{ case.person.first_name }}
{{ case.person.last_name }}</td><td>{{ case.stage }}</td><td>{{ case.worker.name }}</td><td>{{ case.chaos_total }}</td>
<td>{{ case.next_contact_on }}</td><td>{{ case.last_contact_at }}</td></tr>{% endfor %}</table>"""


class _Site(admin.AdminSite):
    def has_permission(self, request: HttpRequest) -> bool:
        return True


class _Cases(admin.ModelAdmin):
    list_display = ("person", "stage", "worker", "chaos_total", "next_contact_on", "last_contact_at")
    list_select_related = ("person", "worker")
    list_per_page = ROWS

    # The product's users have roles of its own, and none of the permissions that the admin asks for.
    def has_view_permission(self, request: HttpRequest, obj: Case | None = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Case | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Case | None = None) -> bool:
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True


def bare(request: HttpRequest) -> HttpResponse:
    """The first rows of the cases as a table, and nothing else."""
    cases = request.service.cases.select_related("person", "worker")[:ROWS]  # type: ignore[attr-defined]
    return HttpResponse(engines["django"].from_string(_TABLE).render({"cases": cases}, request))


site = _Site(name="admin")
site.register(Case, _Cases)
urlpatterns = [*ours, path("bench/bare/", bare), path("bench/admin/", site.urls)]
