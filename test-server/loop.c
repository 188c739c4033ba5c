/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * loop.c - who polls: the library, or we for it.
 *
 * With EXTERNAL_POLL this shows how an application that has a poll loop of its
 * own serves the library from it.  The library tells of every descriptor it
 * wants watched; they are kept in one array for poll(), and a second array
 * finds a descriptor's place in the first.
 */
#include "server.h"

#include <stdio.h>

#ifndef EXTERNAL_POLL

void
loop_announce(void)
{
	fprintf(stderr, " Using no-fork service loop\n");
}

int
loop_serve(struct libwebsocket_context *context, int timeout_ms)
{
	return libwebsocket_service(context, timeout_ms);
}

int
loop_callback(enum libwebsocket_callback_reasons reason, const void *in)
{
	(void)reason;
	(void)in;
	return 0;
}

void
loop_free(void)
{
}

#else

#include <stdlib.h>
#include <string.h>

#include "common.h"

void
loop_announce(void)
{
	fprintf(stderr, " Using external poll loop\n");
}

static struct libwebsocket_pollfd *polled;
static int polled_count;
static int polled_room;

/* by descriptor: its place in polled, plus one; 0 when it has none */
static int *places;
static int places_room;

/*
 * Grown when needed: the limit on descriptors, which would be the size that is
 * always enough, can be so high that it means nothing.
 */
static int
grow(void **array, int *room, int needed, size_t size)
{
	int larger = *room ? *room : 64;
	char *moved;

	if (needed <= *room)
		return 0;
	while (larger < needed)
		larger *= 2;
	moved = realloc(*array, (size_t)larger * size);
	if (!moved)
		return -1;
	memset(moved + (size_t)*room * size, 0,
	       (size_t)(larger - *room) * size);
	*array = moved;
	*room = larger;
	return 0;
}

static int
add(const struct libwebsocket_pollargs *args)
{
	void *fds = polled, *table = places;
	int failed;

	failed = grow(&fds, &polled_room, polled_count + 1, sizeof(*polled));
	polled = fds;
	failed |= grow(&table, &places_room, args->fd + 1, sizeof(*places));
	places = table;
	if (failed) {
		lwsl_err("no memory to poll one more descriptor\n");
		return 1;
	}
	polled[polled_count].fd = args->fd;
	polled[polled_count].events = (short)args->events;
	polled[polled_count].revents = 0;
	places[args->fd] = ++polled_count;
	return 0;
}

/* where @fd is in polled, -1 if we never heard of it */
static int
place_of(int fd)
{
	return fd >= 0 && fd < places_room ? places[fd] - 1 : -1;
}

/* the last one moves into the hole */
static void
del(const struct libwebsocket_pollargs *args)
{
	int place = place_of(args->fd);

	if (place < 0)
		return;
	places[args->fd] = 0;
	polled_count--;
	if (place == polled_count)
		return;
	polled[place] = polled[polled_count];
	places[polled[place].fd] = place + 1;
}

static void
change(const struct libwebsocket_pollargs *args)
{
	int place = place_of(args->fd);

	if (place >= 0)
		polled[place].events = (short)args->events;
}

int
loop_callback(enum libwebsocket_callback_reasons reason, const void *in)
{
	switch ((int)reason) {
	case LWS_CALLBACK_ADD_POLL_FD:
		return add(in);
	case LWS_CALLBACK_DEL_POLL_FD:
		del(in);
		return 0;
	case LWS_CALLBACK_CHANGE_MODE_POLL_FD:
		change(in);
		return 0;
	default:
		return 0;
	}
}

/*
 * The wait is as long as the library allows: it may hold something that no
 * descriptor tells of.  Serving one descriptor may add others, which can move
 * the array, so the library gets a copy of the entry; or take some away, this
 * one included, and what then moves into the hole comes from behind, where we
 * have been already.
 */
int
loop_serve(struct libwebsocket_context *context, int timeout_ms)
{
	struct libwebsocket_pollfd one;
	int n = poll_sockets(polled, (unsigned int)polled_count,
			     lws_service_timeout_ms(context, timeout_ms));

	if (n < 0)
		return -1;
	if (!n)
		return libwebsocket_service_fd(context, NULL);

	for (n = polled_count - 1; n >= 0; n--) {
		if (n >= polled_count || !polled[n].revents)
			continue;
		one = polled[n];
		polled[n].revents = 0;
		if (libwebsocket_service_fd(context, &one) < 0)
			return -1;
	}
	return 0;
}

void
loop_free(void)
{
	free(polled);
	free(places);
	polled = NULL;
	places = NULL;
	polled_count = polled_room = places_room = 0;
}

#endif
