/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * net/lookup.c - names looked up beside the loop.
 *
 * Helper threads take names off a list, ask the system, which blocks, and put
 * the answers on another list; the loop is woken and collects them.  A helper
 * ends when no name waits.  One that the system keeps busy holds up nobody:
 * who gives up forgets the answer, and when the loop itself is gone the last
 * helper cleans up.
 *
 * The lock guards the two lists, the count and whether there is a loop.  A
 * lookup in neither list is a helper's; what its owner wants of it is known to
 * the loop's thread alone.
 */
#include "net/net.h"

#include <netdb.h>
#include <string.h>

#include "base/alloc.h"
#include "base/compiler.h"
#include "base/err.h"
#include "base/list.h"
#include "plat/plat.h"

/* names asked for at the same time */
#define MOST_HELPERS 8

struct lws_lookup {
	struct lws_list link;
	struct lws_lookups *all;
	lws_lookup_done *done;
	void *owner;		/* NULL: forgotten */
	struct addrinfo *found;
	int rc;			/* of getaddrinfo() */
	int port;
	bool ipv6;
	char name[];
};

struct lws_lookups {
	struct lws_lock *lock;
	struct lws_errand errand;
	void (*wake)(void *loop);
	void *loop;		/* NULL: it is gone */
	struct lws_list waiting, done;
	unsigned helpers;
};

static void
fini(struct lws_lookups *all)
{
	lws_plat_lock_free(all->lock);
	lws_free(all);
}

static void
discard(struct lws_lookup *l)
{
	if (l->found)
		freeaddrinfo(l->found);
	lws_free(l);
}

static void
discard_all(struct lws_list *list)
{
	struct lws_list *item;

	while ((item = lws_list_pop(list)))
		discard(lws_container_of(item, struct lws_lookup, link));
}

/* ---- the helpers' side ---- */

/* Called and left with the lock held. */
static void
look_up(struct lws_lookups *all, struct lws_lookup *l)
{
	lws_plat_unlock(all->lock);
	l->rc = lws_addrs_ask(l->name, l->ipv6, &l->found);
	lws_plat_lock(all->lock);
	if (!all->loop) {
		discard(l);
		return;
	}
	lws_list_add(&all->done, &l->link);
	all->wake(all->loop);
}

static void
help(void *arg)
{
	struct lws_lookups *all = arg;
	struct lws_list *item;
	bool last;

	lws_plat_lock(all->lock);
	while ((item = lws_list_pop(&all->waiting)))
		look_up(all, lws_container_of(item, struct lws_lookup, link));
	all->helpers--;
	last = !all->loop && !all->helpers;
	lws_plat_unlock(all->lock);
	if (last)
		fini(all);
}

/* ---- the loop's side ---- */

struct lws_lookups *
lws_lookups_new(void (*wake)(void *loop), void *loop)
{
	struct lws_lookups *all = lws_zalloc(sizeof(*all));

	if (!all)
		return NULL;
	all->lock = lws_plat_lock_new();
	if (!all->lock) {
		lws_free(all);
		return NULL;
	}
	all->errand.run = help;
	all->errand.arg = all;
	all->wake = wake;
	all->loop = loop;
	lws_list_init(&all->waiting);
	lws_list_init(&all->done);
	return all;
}

void
lws_lookups_free(struct lws_lookups *all)
{
	bool last;

	if (!all)
		return;
	lws_plat_lock(all->lock);
	all->loop = NULL;
	discard_all(&all->waiting);
	discard_all(&all->done);
	last = !all->helpers;
	lws_plat_unlock(all->lock);
	if (last)
		fini(all);
}

/* See to it that somebody takes what waits: 0, or nobody can. */
static int
get_help(struct lws_lookups *all)
{
	int rc;

	if (all->helpers == MOST_HELPERS)
		return 0;
	rc = lws_plat_thread(&all->errand);
	if (!rc)
		all->helpers++;
	return all->helpers ? 0 : rc;
}

struct lws_lookup *
lws_lookup_start(struct lws_lookups *all, const struct lws_lookup_spec *spec)
{
	const size_t size = strlen(spec->host) + 1;
	struct lws_lookup *l = lws_zalloc(sizeof(*l) + size);
	int rc;

	if (!l)
		return NULL;
	lws_list_init(&l->link);
	l->all = all;
	l->done = spec->done;
	l->owner = spec->owner;
	l->port = spec->port;
	l->ipv6 = spec->ipv6;
	memcpy(l->name, spec->host, size);

	lws_plat_lock(all->lock);
	rc = get_help(all);
	if (!rc)
		lws_list_add(&all->waiting, &l->link);
	lws_plat_unlock(all->lock);
	if (!rc)
		return l;
	lws_free(l);
	return NULL;
}

void
lws_lookup_forget(struct lws_lookup *l)
{
	struct lws_lookups *all = l->all;
	bool listed;

	l->owner = NULL;
	lws_plat_lock(all->lock);
	listed = !lws_list_empty(&l->link);
	lws_list_del(&l->link);
	lws_plat_unlock(all->lock);
	if (listed)
		discard(l);
}

bool
lws_lookups_busy(struct lws_lookups *all)
{
	bool busy;

	if (!all)
		return false;
	lws_plat_lock(all->lock);
	busy = all->helpers;
	lws_plat_unlock(all->lock);
	return busy;
}

/* Hand the answer to its owner, unless that has lost interest. */
static void
deliver(struct lws_lookup *l)
{
	const struct lws_addrs_answer answer = {
		.name = l->name,
		.found = l->found,
		.rc = l->rc,
		.port = l->port,
	};
	char why[LWS_WHY_LEN] = "";

	if (!l->owner) {
		discard(l);
		return;
	}
	l->done(l->owner, lws_addrs_found(&answer, why, sizeof(why)), why);
	lws_free(l);
}

void
lws_lookups_collect(struct lws_lookups *all)
{
	struct lws_list done, *item;

	if (!all)
		return;
	lws_list_init(&done);
	lws_plat_lock(all->lock);
	lws_list_move(&all->done, &done);
	lws_plat_unlock(all->lock);
	while ((item = lws_list_pop(&done)))
		deliver(lws_container_of(item, struct lws_lookup, link));
}
