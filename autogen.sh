#!/bin/sh
# Make configure from configure.ac.  Only a checkout needs this; a release
# comes with it done.
exec autoreconf --force --install "$(dirname "$0")"
