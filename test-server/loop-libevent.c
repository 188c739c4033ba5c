/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * loop-libevent.c - a WebSocket server within an event base of libevent's.
 *
 * The base also has a timer and signals of the program's own: the library is
 * one guest among others.  Usage: loop-libevent [PORT]
 */
#include <signal.h>

#include <event2/event.h>

#include "loop-echo.h"

static void
tick(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	loop_echo_tick();
}

static void
leave(evutil_socket_t fd, short what, void *base)
{
	(void)fd;
	(void)what;
	event_base_loopbreak(base);
}

int
main(int argc, char **argv)
{
	static const struct timeval second = { 1, 0 };
	struct event_base *base = event_base_new();
	struct event *timer, *sigint, *sigterm;
	struct libwebsocket_context *context;

	if (!base)
		return 1;
	context = loop_echo(argc, argv, "libevent", base);
	timer = event_new(base, -1, EV_PERSIST, tick, NULL);
	sigint = evsignal_new(base, SIGINT, leave, base);
	sigterm = evsignal_new(base, SIGTERM, leave, base);
	event_add(timer, &second);
	event_add(sigint, NULL);
	event_add(sigterm, NULL);

	if (context)
		event_base_dispatch(base);

	libwebsocket_context_destroy(context);
	event_free(timer);
	event_free(sigint);
	event_free(sigterm);
	event_base_free(base);
	libevent_global_shutdown();
	return context ? 0 : 1;
}
