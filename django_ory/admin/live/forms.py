"""The base class of the pages with a form that is sent to Ory, in the look of Django's forms."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.translation import gettext as _

from django_ory.client import OryTimeout
from django_ory.mirror.errors import ORY_ERRORS, error_text

from .pages import LivePage

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.utils.functional import _StrOrPromise


class LiveForm(LivePage):
    """A page with a form. A POST with valid values calls ``save``; errors of Ory are above the form."""

    template = "live/form.html"
    form_class: ClassVar[type[forms.Form]]
    submit_label: ClassVar[_StrOrPromise]
    explanation: ClassVar[_StrOrPromise] = ""

    @abstractmethod
    def save(self, form: forms.Form) -> HttpResponse:
        """Change Ory, add the entry to the history, and return the response."""

    def build_form(self, data: Any = None) -> forms.Form:
        """Build the form."""
        return self.form_class(data, initial=self.get_initial())

    def get_initial(self) -> dict[str, Any]:
        """Return the values of the form before it is sent."""
        return {}

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form."""
        return self.show(self.build_form())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Send the values to Ory, or show their errors."""
        form = self.build_form(request.POST)
        if form.is_valid():
            try:
                return self.save(form)
            except OryTimeout:
                text = _(
                    "Ory timed out, so it is unknown whether the change was made. Look at the list before "
                    "you send the form again."
                )
                form.add_error(None, text)
            except ORY_ERRORS as error:
                form.add_error(None, error_text(error))
        return self.show(form)

    def remove_value(self, form: forms.Form, name: str) -> None:
        """Leave a secret out of the response. Call it after the validation."""
        if form.is_bound:
            given: Any = form.data
            data = given.copy()
            data[name] = ""
            form.data = data

    def show(self, form: forms.Form, **context: Any) -> HttpResponse:
        """Return the page with the form."""
        for field in form.fields.values():
            if type(field.widget) is forms.TextInput:
                field.widget.attrs.setdefault("class", "vTextField")
        return self.render(
            form=form,
            explanation=self.explanation,
            submit_label=self.submit_label,
            media=self.model_admin.media + form.media,
            **context,
        )
