"""This file opens the web room: Flask pages for residents, volunteers and the wall, on the LAN.

How to build on it (the desk does):

- A view is marked `@open_to_all` or `@volunteers_only` (access.py); an unmarked one answers 403.
  Marks go under the route: `@desk.get("/desk")` first, `@volunteers_only` on the line below.
- `current.py`: `parts()`, `store()` (this thread's connection), `now()`, `zone()`,
  `volunteer()` (the Row of who signed in, in a @volunteers_only view), `current_volunteer()`,
  `wants_json()`. Services are called as `service(store(), now(), ...)`.
- Raise our errors (or let services raise them): error_pages.py makes the page or the JSON
  `{"error": code, "message": ...}`; sentences by code are in wording.py.
- `forms.py`: `small_form()`, `key()`, `text()`, `whole()`, `ticked()`, `own_path()`. Every changing
  form is a plain POST to our own address; the Origin check (security.py) is the CSRF protection, so
  no token. Templates have `new_key()` for the hidden field `key`. Answer with 303.
- Templates extend base.html: blocks title, styles, scripts, head, page_class, top, notices, main,
  bottom, bottom_left, help_strip, help_button. In every template: `house`, `language`, `size`,
  `here`, `state` (the public snapshot of snapshot.py), `volunteer()`, `now_in_house()`,
  `asset_url("desk.css")`, `notice_words(notice)`.
- Live for free: an element with an id and the attribute `data-live` is fetched again from the
  page's own address and replaced when anything in the table changed (hien.js). An element the
  person is typing in is left alone. Keep forms whose hidden key must not change outside of it, or
  give them a key that is stable (derived from the ticket and its state). Two events on `document`:
  `hien:state` (detail.state = public snapshot, detail.first) and `hien:fresh` (regions replaced).
- No inline script or style anywhere (the CSP forbids both). Static files lie flat in static/;
  tokens (colours, --gap, --target, rem sizes) and pieces (.button .primary .plain .stop .small,
  .card, .notice .trouble/.care/.done/.quiet, .choices/.choice, .field, .key, .quiet) in hien.css.
- Blueprints are listed in blueprints.py: one import and one name each.
- Source strings are Vietnamese, through `_()`; each part has its own English catalogue in
  translations/en/LC_MESSAGES (messages.po here, desk.po for the desk); all are read and merged.
"""
