/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/win/poll.c - poll() over WSAPoll(), which differs in three ways.
 *
 * A peer that has finished sending is POLLHUP, over and over and even where
 * nothing is wanted.  To poll() it is input, an end of file to be read, and
 * POLLHUP means that nothing moves any more: here that comes with POLLERR.  So
 * who wants input is told of input, and who does not is left out of what is
 * waited for; its number is turned round meanwhile, which marks it.
 *
 * Before Windows 10 of the year 2020 nobody is told of a connection that could
 * not be made.  select() knows; it is asked about those who wait for output
 * alone, which is how one waits for a connection.
 *
 * Nothing to wait for is an error, not a pause.
 */
#include <poll.h>

#include <stdbool.h>
#include <stdint.h>

#include "base/alloc.h"
#include "base/compiler.h"
#include "plat/plat.h"
#include "plat/win/win.h"

/* how late a failed connection is noticed at most, where nobody tells: ms */
#define LOOK_IN 100

static bool
is_hidden(const struct pollfd *p)
{
	return (intptr_t)p->fd < 0;
}

static void
turn_round(struct pollfd *p)
{
	p->fd = ~p->fd;
}

static bool
is_connecting(const struct pollfd *p)
{
	return p->events == POLLOUT && !p->revents && !is_hidden(p);
}

/* Has what waits for output alone failed to connect?  Up to FD_SETSIZE. */
static int
ask_select(struct pollfd *const *asked, unsigned count)
{
	struct timeval now = { 0, 0 };
	fd_set failed;
	unsigned n;
	int found = 0;

	if (!count)
		return 0;
	FD_ZERO(&failed);
	for (n = 0; n < count; n++)
		failed.fd_array[n] = asked[n]->fd;
	failed.fd_count = count;
	if (select(0, NULL, NULL, &failed, &now) <= 0)
		return 0;
	for (n = 0; n < count; n++)
		if (FD_ISSET(asked[n]->fd, &failed)) {
			asked[n]->revents = POLLERR;
			found++;
		}
	return found;
}

static int
find_failed(struct pollfd *fds, nfds_t count)
{
	struct pollfd *asked[FD_SETSIZE];
	unsigned n = 0;
	int found = 0;
	nfds_t i;

	for (i = 0; i < count; i++) {
		if (!is_connecting(&fds[i]))
			continue;
		asked[n++] = &fds[i];
		if (n == FD_SETSIZE) {
			found += ask_select(asked, n);
			n = 0;
		}
	}
	return found + ask_select(asked, n);
}

/* What poll() would say of @p; hidden when that is nothing, for now. */
static short
translated(struct pollfd *p)
{
	short revents = p->revents;

	if (!(revents & POLLHUP) || revents & POLLERR)
		return revents;
	revents = (short)(revents & ~POLLHUP);
	if (p->events & POLLIN)
		return (short)(revents | (POLLIN & p->events));
	if (!revents)
		turn_round(p);
	return revents;
}

/* How many are ready; *@hidden counts those that will not be waited for. */
static int
translate(struct pollfd *fds, nfds_t count, nfds_t *hidden)
{
	nfds_t i;
	int ready = 0;

	*hidden = 0;
	for (i = 0; i < count; i++) {
		struct pollfd *p = &fds[i];

		if (is_hidden(p))
			p->revents = 0;
		else if (p->revents)
			p->revents = translated(p);
		ready += p->revents != 0;
		*hidden += is_hidden(p);
	}
	return ready;
}

static void
show_again(struct pollfd *fds, nfds_t count)
{
	nfds_t i;

	for (i = 0; i < count; i++)
		if (is_hidden(&fds[i]))
			turn_round(&fds[i]);
}

static bool
any_connecting(const struct pollfd *fds, nfds_t count)
{
	nfds_t i;

	for (i = 0; i < count; i++)
		if (fds[i].events == POLLOUT)
			return true;
	return false;
}

/* ms until @end, cut to what may pass without looking in; -1 is for ever */
static int
left_of(uint64_t end, int timeout_ms, bool look_in)
{
	const uint64_t now = lws_plat_now_ms();
	int left = timeout_ms;

	if (timeout_ms > 0)
		left = now < end ? (int)(end - now) : 0;
	if (look_in && (left < 0 || left > LOOK_IN))
		left = LOOK_IN;
	return left;
}

/* Wait for those that are not hidden, in an array of their own. */
static int
wait_for_shown(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	struct pollfd *shown = lws_alloc(count * sizeof(*shown));
	nfds_t i, k = 0;
	int n = 0;

	for (i = 0; shown && i < count; i++)
		if (!is_hidden(&fds[i]))
			shown[k++] = fds[i];
	if (k)
		n = WSAPoll(shown, k, timeout_ms);
	else
		Sleep(timeout_ms < 0 || timeout_ms > LOOK_IN
			      ? LOOK_IN
			      : (DWORD)timeout_ms);
	for (i = k = 0; n > 0 && i < count; i++)
		if (!is_hidden(&fds[i]))
			fds[i].revents = shown[k++].revents;
	lws_free(shown);
	return n;
}

int
lws_win_poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	const bool connecting = any_connecting(fds, count);
	const uint64_t end = timeout_ms > 0
				     ? lws_plat_now_ms() + (unsigned)timeout_ms
				     : 0;
	nfds_t hidden = 0;
	int left, n;

	do {
		left = left_of(end, timeout_ms, connecting);
		n = hidden || !count ? wait_for_shown(fds, count, left)
				     : WSAPoll(fds, count, left);
		if (n < 0)
			lws_win_failed(WSAGetLastError());
		if (n > 0)
			n = translate(fds, count, &hidden);
		if (n >= 0 && connecting)
			n += find_failed(fds, count);
	} while (!n && timeout_ms &&
		 (timeout_ms < 0 || lws_plat_now_ms() < end));
	if (lws_unlikely(hidden))
		show_again(fds, count);
	return n;
}
