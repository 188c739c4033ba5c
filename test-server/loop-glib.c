/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * loop-glib.c - a WebSocket server within a main loop of GLib's, as programs
 * with GTK have one.
 *
 * The loop also has a timer and signals of the program's own: the library is
 * one guest among others.  Usage: loop-glib [PORT]
 */
#include <signal.h>

#include <glib-unix.h>

#include "loop-echo.h"

static gboolean
tick(gpointer unused)
{
	(void)unused;
	loop_echo_tick();
	return G_SOURCE_CONTINUE;
}

static gboolean
leave(gpointer loop)
{
	g_main_loop_quit(loop);
	return G_SOURCE_CONTINUE;
}

int
main(int argc, char **argv)
{
	GMainLoop *loop = g_main_loop_new(NULL, FALSE);
	struct libwebsocket_context *context = loop_echo(
		argc, argv, "glib", g_main_loop_get_context(loop));

	if (!context)
		return 1;
	g_timeout_add_seconds(1, tick, NULL);
	g_unix_signal_add(SIGINT, leave, loop);
	g_unix_signal_add(SIGTERM, leave, loop);

	g_main_loop_run(loop);

	libwebsocket_context_destroy(context);
	g_main_loop_unref(loop);
	return 0;
}
