"""Who may ask for what at the desk: every endpoint has its rule here, and what has none is refused."""

OPEN = {
    "asset",
    "sign_in",
    "check_password",
    "second_factor",
    "check_second_factor",
    "forgotten",
    "mail_new_password",
    "use_link",
    "begin_passkey_sign_in",
    "passkey_sign_in",
    "begin_passkey_second_factor",
    "passkey_second_factor",
    "begin_passkey_set_up",
    "set_up_passkey",
    "leave_for_openid",
    "back_from_openid",
}
"""The way in."""

EVERYBODY = {
    "queue",
    "more",
    "search",
    "case",
    "decide",
    "decide_several",
    "undo",
    "undo_several",
    "mask",
    "unmask",
    "reply",
    "settle_draft",
    "needs_no_answer",
    "uphold",
    "dismiss",
    "mails",
    "settle_mail",
    "sign_out",
    "account",
    "new_password",
    "new_app",
    "set_up_app",
    "remove_app",
    "new_codes",
    "end_session",
    "end_other_sessions",
    "choose_notices",
    "feedback",
    "handle_feedback",
    "numbers",
    "numbers_csv",
    "letters",
    "set_letter",
    "new_period",
    "period",
    "plan",
    "change_period",
    "lift_period",
    "begin_passkey",
    "add_passkey",
    "passkey",
    "rename_passkey",
    "remove_passkey",
}
"""What moderators do all day, and what they do with their own account; authors and admins too."""

ADMINS = {"staff", "invite", "member", "change_member", "close_member", "reset_member", "invite_again"}
"""The others' accounts."""


def allows(endpoint: str, role: str | None) -> bool:
    """Whether somebody of that role (None: not signed in) may ask for an endpoint of the desk."""
    name = endpoint.removeprefix("desk.")
    if name in OPEN:
        return True
    return role == "admin" if name in ADMINS else name in EVERYBODY and role is not None
