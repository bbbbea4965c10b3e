"""Tools about colleagues."""

from __future__ import annotations

from envs.toolkit import tool
from envs.workspace.results import ContactCard, ContactFound
from envs.workspace.state import CONTACT_SOURCES, WorkspaceState


class ContactTools(WorkspaceState):
    """The directory of colleagues."""

    @tool(effect="read")
    def find_contact(self, name: str) -> ContactFound:
        """Find a colleague in the directory.

        Args:
            name: Name of the colleague, in full.
        """
        for contact_id, row in self.data["contacts"].items():
            if row["name"].casefold() == name.strip().casefold():
                return {"contact_id": contact_id, "department": row["department"]}
        raise self.fail(f"There is no colleague named {name!r}.", "not_found")

    @tool(effect="read", sources={"contact_id": CONTACT_SOURCES})
    def get_contact(self, contact_id: str) -> ContactCard:
        """Show the contact card of a colleague.

        Args:
            contact_id: ID of the contact.
        """
        row = self.contact(contact_id)
        return {
            "email": row["email"],
            "desk": {"building": row["building"], "floor": row["floor"]},
            "employment": {"job_title": row["job_title"], "employee_number": row["employee_number"]},
        }
