"""This file lists the blueprints of the web room, one per noun."""

from __future__ import annotations

from flask import Blueprint

from appliance.web.appointments import appointments
from appliance.web.assets import assets
from appliance.web.corners import corners
from appliance.web.desk import desk
from appliance.web.desk_answers import answers
from appliance.web.dossiers import dossiers
from appliance.web.duty_month import duty_month
from appliance.web.family import family
from appliance.web.finish import finish
from appliance.web.follow import follow
from appliance.web.guide import guide
from appliance.web.handover import handover
from appliance.web.help import help_calls
from appliance.web.hours import hours
from appliance.web.identity import identity
from appliance.web.installable import installable
from appliance.web.kept import kept
from appliance.web.lessons import lessons
from appliance.web.machine import machine
from appliance.web.pages import pages
from appliance.web.phone_camera import phone_camera
from appliance.web.phones import phones
from appliance.web.postings import postings
from appliance.web.practice import practice
from appliance.web.preferences import preferences
from appliance.web.printer_setup import printer_setup
from appliance.web.read_aloud import read_aloud
from appliance.web.reports import reports
from appliance.web.rota import rota
from appliance.web.shutter import shutter
from appliance.web.sign_in import sign_in
from appliance.web.slips import slips
from appliance.web.start import start
from appliance.web.status import status
from appliance.web.stream import stream
from appliance.web.tickets import tickets
from appliance.web.visit_case import visit_case
from appliance.web.visits import visits
from appliance.web.voice import voice
from appliance.web.wall import wall
from appliance.web.ward_side import ward_side

ALL: tuple[Blueprint, ...] = (
    answers,
    appointments,
    assets,
    corners,
    desk,
    dossiers,
    duty_month,
    family,
    finish,
    guide,
    follow,
    handover,
    help_calls,
    hours,
    identity,
    installable,
    kept,
    lessons,
    machine,
    pages,
    phone_camera,
    phones,
    postings,
    practice,
    preferences,
    printer_setup,
    read_aloud,
    reports,
    rota,
    shutter,
    sign_in,
    slips,
    start,
    status,
    stream,
    tickets,
    visit_case,
    visits,
    voice,
    wall,
    ward_side,
)
