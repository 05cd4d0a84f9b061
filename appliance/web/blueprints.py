"""This file lists the blueprints of the web room, one per noun."""

from __future__ import annotations

from flask import Blueprint

from appliance.web.assets import assets
from appliance.web.desk.answers import answers
from appliance.web.desk.desk import desk
from appliance.web.desk.dossiers import dossiers
from appliance.web.desk.duty_month import duty_month
from appliance.web.desk.hours import hours
from appliance.web.desk.installable import installable
from appliance.web.desk.machine import machine
from appliance.web.desk.phones import phones
from appliance.web.desk.practice import practice
from appliance.web.desk.printer_setup import printer_setup
from appliance.web.desk.reports import reports
from appliance.web.desk.rota import rota
from appliance.web.desk.sign_in import sign_in
from appliance.web.desk.ward_side import ward_side
from appliance.web.help import help_calls
from appliance.web.preferences import preferences
from appliance.web.resident.appointments import appointments
from appliance.web.resident.follow import follow
from appliance.web.resident.guide import guide
from appliance.web.resident.kept import kept
from appliance.web.resident.lessons import lessons
from appliance.web.resident.postings import postings
from appliance.web.resident.read_aloud import read_aloud
from appliance.web.resident.start import start
from appliance.web.resident.tickets import tickets
from appliance.web.resident.voice import voice
from appliance.web.slips import slips
from appliance.web.status import status
from appliance.web.stream import stream
from appliance.web.visit.case import visit_case
from appliance.web.visit.corners import corners
from appliance.web.visit.family import family
from appliance.web.visit.finish import finish
from appliance.web.visit.handover import handover
from appliance.web.visit.identity import identity
from appliance.web.visit.pages import pages
from appliance.web.visit.phone_camera import phone_camera
from appliance.web.visit.shutter import shutter
from appliance.web.visit.visits import visits
from appliance.web.wall import wall

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
