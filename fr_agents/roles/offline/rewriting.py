"""The rewriting agent by rules: says why calls can be made, from what the conversation shows."""

from __future__ import annotations

from fr_agents.roles.offline.conversation import Conversation
from fr_agents.roles.offline.role import OfflineRole
from fr_agents.roles.offline.telling import tell_done, tell_step
from graphs.roles import RewritingView, RoleFailure, Thought
from tools.call import ToolCall


class OfflineRewriting(OfflineRole[RewritingView, Thought]):
    """Names what the request says and what results have given, and what that makes possible. It never sees a hint."""

    def answer(self, view: RewritingView) -> Thought:
        """Raises RoleFailure for a call of a tool that is not there: nothing could be said of it."""
        conversation = Conversation.of(view.messages)
        if not view.calls:
            return Thought(text=tell_done(conversation))
        specs = {tool.name: tool for tool in view.tools}
        unknown = [call.name for call in view.calls if call.name not in specs]
        if unknown:
            raise RoleFailure(f"rewriting: there is no tool {unknown[0]} to speak of")
        calls = [(specs[call.name], ToolCall(id="", name=call.name, arguments=call.arguments)) for call in view.calls]
        return Thought(text=tell_step(conversation, calls))
