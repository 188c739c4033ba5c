/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * event/poll.c - the portable backend, and what the contract means.
 *
 * A dense array for poll() and a parallel one of the slots' addresses.  A slot
 * holds the descriptor's place in the array; when one leaves, the last moves
 * into the hole and its slot is rewritten.
 */
#include "event/event.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/size.h"
#include "plat/plat.h"

#define FIRST_CAPACITY 16

struct poll_set {
	struct pollfd *fds;
	uint32_t **slots;
	size_t capacity;
	unsigned next;	/* where the next wait() begins to look */
};

static int
poll_init(struct lws_events *ev, unsigned max_fds)
{
	(void)max_fds;
	ev->set = lws_zalloc(sizeof(struct poll_set));
	ev->fd = -1;
	ev->count = 0;
	return ev->set ? 0 : LWS_ERR_NOMEM;
}

static void
poll_fini(struct lws_events *ev)
{
	struct poll_set *set = ev->set;

	lws_free(set->fds);
	lws_free(set->slots);
	lws_free(set);
	ev->set = NULL;
}

/*
 * Twice the room.  When only the first array could be enlarged it stays so:
 * the capacity counts what both have.
 */
static int
grow(struct poll_set *set)
{
	const size_t capacity =
		set->capacity ? 2 * set->capacity : FIRST_CAPACITY;
	struct pollfd *fds;
	uint32_t **slots;
	size_t bytes;

	if (!lws_mul_ok(capacity, sizeof(*fds) + sizeof(*slots), &bytes))
		return LWS_ERR_NOMEM;
	fds = lws_realloc(set->fds, capacity * sizeof(*fds));
	if (!fds)
		return LWS_ERR_NOMEM;
	set->fds = fds;
	slots = lws_realloc(set->slots, capacity * sizeof(*slots));
	if (!slots)
		return LWS_ERR_NOMEM;
	set->slots = slots;
	set->capacity = capacity;
	return 0;
}

static int
add(struct lws_events *ev, int fd, uint32_t *slot, short want)
{
	struct poll_set *set = ev->set;

	if (ev->count == set->capacity) {
		const int rc = grow(set);

		if (rc)
			return rc;
	}
	*slot = ev->count;
	set->fds[ev->count] = (struct pollfd){ .fd = (lws_polled_fd)fd,
					       .events = want };
	set->slots[ev->count] = slot;
	ev->count++;
	return 0;
}

static void
drop(struct lws_events *ev, uint32_t hole)
{
	struct poll_set *set = ev->set;
	const unsigned last = --ev->count;

	set->fds[hole] = set->fds[last];
	set->slots[hole] = set->slots[last];
	*set->slots[hole] = hole;
}

static int
poll_set(struct lws_events *ev, int fd, uint32_t *slot, short was, short want)
{
	struct poll_set *set = ev->set;

	if (was == want)
		return 0;
	if (was == LWS_EV_ABSENT)
		return add(ev, fd, slot, want);
	if (want == LWS_EV_ABSENT)
		drop(ev, *slot);
	else
		set->fds[*slot].events = want;
	return 0;
}

/* A descriptor that is not open is an error like any other. */
static short
as_promised(short revents)
{
	return revents & POLLNVAL ? POLLERR : revents;
}

/*
 * Fill @out from the @n entries that are ready, beginning where the last call
 * stopped, and stop there when @out is full.
 */
static int
collect(struct lws_events *ev, int n, struct lws_ready *out, int max)
{
	struct poll_set *set = ev->set;
	unsigned at = set->next < ev->count ? set->next : 0;
	unsigned left;
	int found = 0;

	if (n > max)
		n = max;
	for (left = ev->count; left && found < n; left--) {
		const struct pollfd *p = &set->fds[at];

		if (p->revents) {
			out[found].fd = (int)p->fd;
			out[found].revents = as_promised(p->revents);
			found++;
		}
		if (++at == ev->count)
			at = 0;
	}
	set->next = at;
	return found;
}

static int
poll_wait(struct lws_events *ev, int timeout_ms, struct lws_ready *out,
	  int max)
{
	struct poll_set *set = ev->set;
	const int n = poll(set->fds, ev->count, timeout_ms);

	if (n < 0)
		return errno == EINTR ? 0 : LWS_ERR_IO;
	return n ? collect(ev, n, out, max) : 0;
}

const struct lws_event_ops lws_event_poll = {
	.name = "poll",
	.init = poll_init,
	.set = poll_set,
	.wait = poll_wait,
	.fini = poll_fini,
};
