"""Composition: command line, wiring, embedded MongoDB, doctor, demo."""

import sys

from app.ending import ENDING, is_telecrew

if is_telecrew(sys.orig_argv):
    ENDING.heed()  # what is imported from here on takes a second
