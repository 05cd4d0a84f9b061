"""This file holds every database of the ward to one contract: SQLite and PostgreSQL alike."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.sync.protocol import Envelope, utc_text
from tests.mqtt_broker import eventually
from tests.pg_server import PgServer
from tests.ward.web.conftest import HOUSE, Desk
from ward.store import (  # fmt: skip
    accounts,
    alarms,
    aside,
    boots,
    history,
    houses,
    inbox,
    intake,
    jobs,
    results,
    throttle,
    wanted,
)
from ward.store.database import FAULTS, URL_FILE, BadStoreUrl, Store, StoreTooNew
from ward.store.history import Step

NOW = datetime(2026, 11, 22, 5, tzinfo=UTC)
AT = utc_text(NOW)


def event(seq: int, stream: str = "ops", house: str = HOUSE, sync: str = "ntp", **d: object):  # type: ignore[no-untyped-def]
    return Envelope(house, stream, "boot-1", seq, 1000 * seq, AT, sync, d)  # type: ignore[arg-type]


def test_opened_again_it_is_the_same(store: Store, ward_folder: Path) -> None:
    """Migrations run once; what was kept is there; two programs may open it at once."""
    with store.write() as db:
        houses.keep(db, [{"house": HOUSE, "first_seen_at": AT, "last_heard_at": None,
                          "status": "online", "status_at": AT, "states": {"q": 1}}])  # fmt: skip
    again = Store(ward_folder)
    (kept,) = houses.load(again.connection)
    assert (kept["house"], kept["states"]) == (HOUSE, {"q": 1})
    again.close()


def test_a_newer_one_is_refused(store: Store, ward_folder: Path) -> None:
    with store.write() as db:
        if (ward_folder / URL_FILE).exists():
            db.execute("INSERT INTO migrations VALUES ('m999', ?)", (AT,))
        else:
            db.execute(
                "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
                " VALUES ('ward', 'm999', ?)", (AT,),
            )  # fmt: skip
    with pytest.raises(StoreTooNew):
        Store(ward_folder)


def test_what_fails_half_way_leaves_nothing(store: Store) -> None:
    with pytest.raises(RuntimeError), store.write() as db:
        inbox.take(db, [event(1)], AT)
        raise RuntimeError
    with pytest.raises(FAULTS), store.write() as db:
        inbox.take(db, [event(1)], AT)
        db.execute("INSERT INTO nowhere VALUES (1)")
    assert store.value("SELECT count(*) FROM events") == 0


def test_writers_take_turns(store: Store) -> None:
    """What is read and then written, by eight at once, 25 times each: nothing is lost."""

    def count() -> None:
        for _ in range(25):
            with store.write() as db:
                throttle.failed(db, "an", "10.0.0.9", NOW)

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.value("SELECT failures FROM throttle WHERE who = 'name an'") == 200


def test_connections_of_ended_threads_are_used_again(store: Store) -> None:
    """A server that gives each visitor a thread must not run out of connections."""
    for _ in range(30):
        thread = threading.Thread(target=lambda: store.value("SELECT 1"))
        thread.start()
        thread.join()
    assert len(store._all) <= 3


def test_times_are_compared_as_they_are_written(store: Store) -> None:
    """By bytes: in a language's order the dot would not count, and times would mix."""
    for at in ("2026-11-22T05:00:00Z", "2026-11-22T05:00:00.100Z", "2026-11-22T06:00:00Z"):
        with store.write() as db:
            db.execute("INSERT INTO audit (at, who, what) VALUES (?, 'B', 'x')", (at,))
    found = [r["at"] for r in store.all("SELECT at FROM audit ORDER BY at")]
    assert found == sorted(found)


def test_strangers_texts_are_kept_or_made_harmless(store: Store) -> None:
    """NUL, per cent signs, question marks, quotes: nothing of it breaks a statement."""
    nasty = "a\0b%s?%';--"
    with store.write() as db:
        aside.keep(db, [aside.refuse(nasty, "bad_json", b"\0\xff")], AT)
        aside.keep(db, [aside.refuse("t", "bad_json", b"")] * 3, AT)
    kept = store.all("SELECT topic, sample FROM refused ORDER BY id")[0]
    assert kept["topic"].replace("\ufffd", "\0") == nasty and kept["sample"] == b"\0\xff"
    assert aside.counts(store.connection) == {"bad_json": 4}


def test_large_numbers_fit(store: Store) -> None:
    with store.write() as db:
        inbox.take(db, [Envelope(HOUSE, "ops", "boot-1", 2**53 - 1, 2**53 - 1, AT, "ntp", {})], AT)
    assert store.value("SELECT max(seq) FROM events") == 2**53 - 1


def test_commands(store: Store) -> None:
    with store.write() as db:
        job = jobs.create(db, HOUSE, "reboot", {}, "it", NOW)
        late = jobs.create(db, HOUSE, "logs", {}, "it", NOW - timedelta(hours=1))
    with store.write() as db:
        assert jobs.expire(db, NOW) == [HOUSE]
        assert [j.job for j in jobs.due(db, NOW)] == [job.job]
        jobs.mark_sent(db, job.job, NOW)
        inbox.take(db, [event(1, type="command", job=job.job, state="done", code="")], AT)
    states = {r["job"]: r["state"] for r in store.all("SELECT job, state FROM jobs")}
    assert states == {job.job: "done", late.job: "expired"}


def test_wishes_and_results(store: Store) -> None:
    with store.write() as db:
        assert wanted.put(db, HOUSE, "roster", {"n": 1}, "it", NOW, reported_ver=4) == 5
        wanted.reported(db, HOUSE, {"roster_ver": 4}, AT)
        for state in ("received", "done"):
            results.put(db, HOUSE, "hs-1", state, "", "it", NOW)  # type: ignore[arg-type]
        assert [r.seq for _, r in results.due(db, NOW)] == [1, 2]
        results.mark_sent(db, HOUSE, 1, NOW)
        results.send_again(db)
        epoch = results.due(db, NOW)[0][1].epoch
        inbox.take(db, [event(1, type="results_taken", epoch=epoch, upto=1)], AT)
        wanted.tell_again(db)
        assert results.waiting(db, HOUSE) == 1
        results.forget(db, NOW + timedelta(days=400))
    assert [w.ver for w in wanted.untold(store.connection)] == [5]
    assert store.value("SELECT count(*) FROM results") == 1


def test_alarms_are_told_once(store: Store) -> None:
    with store.write() as db:
        for _ in range(2):
            alarms.begin(db, "help", HOUSE, "c1", NOW, NOW)
        (alarm,) = alarms.not_over(store) or [{"id": 1}]
        alarms.turn(db, alarm["id"], "Chị Hạnh", NOW, NOW)
    with store.write() as db:
        (telling,) = alarms.claim(db, NOW)
        assert not alarms.claim(db, NOW)
        alarms.said(db, [telling], True, NOW)
        assert alarms.take(db, telling.alarm["id"], "an", NOW)
        assert not alarms.take(db, telling.alarm["id"], "binh", NOW)
        alarms.recover(db, NOW)
    assert [t["state"] for t in alarms.told(store, [telling.alarm["id"]])[telling.alarm["id"]]] == [
        "sent"
    ]
    assert store.value("SELECT count(*) FROM tellings WHERE word = 'over'") == 1


def test_people(store: Store) -> None:
    with store.write() as db:
        accounts.add(db, "an", "it", "kept", NOW)
        cookie = accounts.begin_session(db, "an", NOW)
        token = accounts.add_token(db, "prometheus", NOW)
        assert accounts.add_token(db, "prometheus", NOW) != token
    who = accounts.of_session(store, cookie, NOW + timedelta(minutes=5))
    assert who is not None and who.name == "an"
    assert not accounts.is_token(store, token)
    with pytest.raises(accounts.AccountError), store.write() as db:
        accounts.remove(db, "nobody")
    with store.write() as db:
        accounts.remove(db, "an")
    assert accounts.of_session(store, cookie, NOW) is None


def test_history_dossiers_boots(store: Store) -> None:
    with store.write() as db:
        history.keep(db, [Step(HOUSE, 1, 3, temp_c=51.5)] * 2)
        history.keep(db, [Step(HOUSE, history.minutes(NOW))])
        assert history.forget(db, NOW) == 1
        intake.stored(db, HOUSE, "hs-1", "0" * 64, 12, NOW)
        assert intake.mark(db, HOUSE, "hs-1", "done", "", "it", NOW)
        days = timedelta(days=90)
        assert intake.over(db, NOW + timedelta(days=91), days, days)
        seen = [boots.seen(db, HOUSE, epoch, AT) for epoch in ("b-1", "b-2", "b-2", "b-1", "b-2")]
    assert seen == [False, False, False, True, True]
    assert boots.twice(store.connection, NOW)[0]["times"] == 2
    assert len(intake.log_of(store.connection, HOUSE, "hs-1")) == 2
    assert history.of_house(store, HOUSE, NOW)[0]["temp_c"] is None


def test_a_clock_that_is_set_dates_what_was_before(store: Store) -> None:
    with store.write() as db:
        call = event(1, "help", sync="none", type="called", call="c1", source="button")
        inbox.take(db, [call], AT)
        clock = Envelope(HOUSE, "ops", "boot-1", 1, 61_000, "2026-11-22T04:31:00.000Z", "ntp",
                         {"type": "clock"})  # fmt: skip
        inbox.take(db, [clock], AT)
    assert store.value("SELECT opened_at FROM calls") == "2026-11-22T04:30:00Z"


def test_every_page_of_the_console(ward_folder: Path) -> None:
    """As IT: all pages, tables and answers for programs say what is there."""
    desk = Desk(ward_folder)
    desk.says("health", printer_ok=1)
    desk.event("help", type="called", call="c1", source="button")
    desk.event("queue", type="taken", number=1)
    with desk.store.write() as db:
        alarms.begin(db, "silent", HOUSE, "", desk.now, desk.now)
    it = desk.as_("it")
    paths = ["/", "/live", "/alarms", "/conflicts", "/audit", "/wishes", "/wishes/roster"]
    paths += ["/export", "/api/houses", "/metrics", f"/house/{HOUSE}", f"/api/events?house={HOUSE}"]
    paths += [f"/export/{name}.csv" for name in ("houses", "events", "calls", "alarms", "history")]
    for path in paths:
        assert it.get(path).status_code == 200, path
    assert '"type": "taken"' in it.get(f"/api/events?house={HOUSE}").text
    assert "nha-17" in it.get("/export/calls.csv").text
    desk.store.close()


@pytest.mark.parametrize("url", ["mysql://h/db", "postgresql://h:x/db", "ward.db", "sqlite:"])
def test_a_url_that_makes_no_sense_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(BadStoreUrl):
        Store(tmp_path, url)


def test_sqlite_by_url(tmp_path: Path) -> None:
    Store(tmp_path, f"sqlite://{tmp_path}/other/w.db").close()
    assert (tmp_path / "other/w.db").exists() and not (tmp_path / "ward.db").exists()


@pytest.mark.slow
def test_after_the_server_is_killed_it_goes_on(tmp_path: Path) -> None:
    """While it is away every write says so; what was committed is there; the lead comes back."""
    pytest.importorskip("psycopg")
    server = PgServer(safe=True)
    try:
        store = Store(tmp_path, server.url())
        assert store.leads()
        with store.write() as db:
            inbox.take(db, [event(1)], AT)
        server.kill()
        with pytest.raises(FAULTS), store.write():
            pass
        assert not store.leads()
        server.start()
        assert store.value("SELECT count(*) FROM events") == 1
        with store.write() as db:
            inbox.take(db, [event(1), event(2)], AT)
        assert store.value("SELECT n FROM totals") == 2
        eventually(store.leads)
        store.close()
    finally:
        server.stop()


def test_one_of_two_leads_until_it_ends(postgres: PgServer, tmp_path: Path) -> None:
    url = postgres.url()
    first, second = Store(tmp_path, url), Store(tmp_path, url)
    assert first.leads() and first.leads() and not second.leads()
    first.close()
    eventually(second.leads)
    second.close()
