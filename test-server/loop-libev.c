/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * loop-libev.c - a WebSocket server within a loop of libev's.
 *
 * The loop also has a timer and signals of the program's own: the library is
 * one guest among others.  Usage: loop-libev [PORT]
 */
#include <signal.h>

#include <ev.h>

#include "loop-echo.h"

static void
tick(struct ev_loop *loop, ev_timer *timer, int revents)
{
	(void)loop;
	(void)timer;
	(void)revents;
	loop_echo_tick();
}

int
main(int argc, char **argv)
{
	struct ev_loop *loop = ev_default_loop(EVFLAG_AUTO);
	struct libwebsocket_context *context;
	ev_signal sigint, sigterm;
	ev_timer timer;

	if (!loop)
		return 1;
	context = loop_echo(argc, argv, "libev", loop);
	if (!context)
		return 1;
	ev_timer_init(&timer, tick, 1., 1.);
	ev_timer_start(loop, &timer);
	/* the library brings a callback that ends the loop */
	ev_signal_init(&sigint, libwebsocket_sigint_cb, SIGINT);
	ev_signal_init(&sigterm, libwebsocket_sigint_cb, SIGTERM);
	ev_signal_start(loop, &sigint);
	ev_signal_start(loop, &sigterm);

	ev_run(loop, 0);

	libwebsocket_context_destroy(context);
	ev_loop_destroy(loop);
	return 0;
}
