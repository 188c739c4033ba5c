/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/client-stay.c - clients that stay connected by themselves.
 *
 * What was asked for is kept as long as attempts may follow.  Waits grow from
 * attempt to attempt and lose a random part, so that a server that comes back
 * is not met by all of its clients at once.  Those who stay are few in a loop:
 * a list is enough to find them.
 */
#include "stage/client.h"

#include <stdio.h>

#include "base/alloc.h"
#include "base/size.h"
#include "core/context.h"
#include "core/user.h"

/* nobody means to wait longer: a month */
#define MOST_MS (31u * 24 * 3600 * 1000)

#define TEXTS 6

struct lws_stay {
	struct lws_list link;		/* lws_loop.stays */
	struct lws_alarm alarm;		/* the next attempt */
	struct lws_loop *loop;
	struct libwebsocket *wsi;	/* NULL while it waits */
	struct lws_client_reconnect policy;
	unsigned failures, waits;	/* in a row */
	bool telling;			/* the application hears of it now */
	bool given_up;			/* and wants no more */
	struct lws_client_wish wish;	/* its texts lie behind */
};

static struct lws_stay *
find(const struct libwebsocket *wsi)
{
	struct lws_list *head = &wsi->loop->stays, *at;
	struct lws_stay *s;

	if (!(wsi->flags & LWS_WSI_STAYS))
		return NULL;
	for (at = head->next; at != head; at = at->next) {
		s = lws_container_of(at, struct lws_stay, link);
		if (s->wsi == wsi)
			return s;
	}
	return NULL;
}

static void
forget(struct lws_stay *s)
{
	if (s->wsi)
		s->wsi->flags &= ~(uint32_t)LWS_WSI_STAYS;
	lws_alarm_stop(s->loop, &s->alarm);
	lws_list_del(&s->link);
	lws_free(s);
}

/* Its owner forgets it when the application is in a call about it. */
static void
give_up(struct lws_stay *s)
{
	s->given_up = true;
	if (!s->telling)
		forget(s);
}

/* ---- how long to wait ---- */

/* min * factor^waits, at most max */
static unsigned
full_wait(const struct lws_stay *s)
{
	const struct lws_client_reconnect *p = &s->policy;
	uint64_t wait = p->min_ms;
	unsigned n;

	for (n = 0; n < s->waits && wait < p->max_ms && p->factor > 1; n++)
		wait *= p->factor;
	return wait < p->max_ms ? (unsigned)wait : p->max_ms;
}

/* The same without a random part of it. */
static unsigned
wait_ms(const struct lws_stay *s)
{
	const unsigned wait = full_wait(s);
	const uint64_t most = (uint64_t)wait * s->policy.jitter / 100;
	uint8_t bytes[4] = { 0 };
	uint32_t random;

	if (!most || lws_loop_random(s->loop, bytes, sizeof(bytes)) < 0)
		return wait;
	memcpy(&random, bytes, sizeof(random));
	return wait - (unsigned)(random % (most + 1));
}

/* ---- attempts ---- */

/* An attempt that could not even begin: there is no connection to tell of. */
static int
tell_first(struct lws_stay *s, char *why, unsigned ms)
{
	struct libwebsocket_context *context = s->loop->context;

	return context->protocols[0].callback(context, NULL,
					      LWS_CALLBACK_CLIENT_RECONNECTING,
					      s->wish.userdata, why, ms);
}

/* Say when the next attempt comes; does the application want it? */
static bool
report(struct lws_stay *s, struct libwebsocket *wsi, char *why, unsigned ms)
{
	int rc;

	s->telling = true;
	/* that it was to end is done; only what is said now counts */
	if (wsi)
		wsi->flags &= ~(uint32_t)LWS_WSI_END_ASKED;
	if (wsi)
		rc = lws_user(wsi, LWS_CALLBACK_CLIENT_RECONNECTING, why, ms);
	else
		rc = tell_first(s, why, ms);
	s->telling = false;
	return !rc && !s->given_up;
}

/* The next attempt comes in a while, unless it is not to be. */
static void
again(struct lws_stay *s, char *why)
{
	struct libwebsocket *wsi = s->wsi;
	unsigned ms;

	s->wsi = NULL;
	if (wsi)
		wsi->flags &= ~(uint32_t)LWS_WSI_STAYS;
	if (s->policy.tries && s->failures >= s->policy.tries) {
		lwsl_notice("client: %u attempts in a row have failed, that "
			    "is all: %s\n",
			    s->failures, why);
		forget(s);
		return;
	}
	ms = wait_ms(s);
	s->waits++;
	lwsl_info("client: again in %u ms: %s\n", ms, why);
	if (report(s, wsi, why, ms))
		lws_alarm_set(s->loop, &s->alarm, ms);
	else
		forget(s);
}

/* The application hears of it, and may give up meanwhile. */
static void
attempt(struct lws_stay *s)
{
	s->telling = true;
	s->wsi = lws_client_connect(s->loop->context, &s->wish);
	s->telling = false;
	if (s->wsi)
		s->wsi->flags |= LWS_WSI_STAYS;
}

static void
ring(struct lws_alarm *alarm)
{
	struct lws_stay *s = lws_container_of(alarm, struct lws_stay, alarm);
	char why[] = "the attempt could not begin";

	attempt(s);
	if (s->given_up) {
		forget(s);
	} else if (!s->wsi) {
		s->failures++;
		again(s, why);
	}
}

/* Did the application want it to end? */
static bool
wanted(const struct libwebsocket *wsi, int rc)
{
	return rc == LWS_ERR_USER || wsi->stage == &lws_stage_closing;
}

void
lws_stay_over(struct libwebsocket *wsi, int rc, const char *why)
{
	struct lws_stay *s = find(wsi);
	char text[LWS_WHY_LEN];

	if (!s)
		return;
	if (wsi->loop->destroying || wanted(wsi, rc)) {
		forget(s);
		return;
	}
	s->failures += why != NULL;
	if (why)
		snprintf(text, sizeof(text), "%s", why);
	else
		snprintf(text, sizeof(text), "the connection is over: %s",
			 lws_err_name(rc));
	again(s, text);
}

void
lws_stay_forget(struct libwebsocket *wsi)
{
	struct lws_stay *s = find(wsi);

	if (s)
		forget(s);
}

void
lws_stay_open(struct libwebsocket *wsi)
{
	struct lws_stay *s = find(wsi);

	if (s)
		s->failures = s->waits = 0;
}

/* ---- beginning and end ---- */

/* Copy all texts of @s->wish behind it. */
static void
keep_texts(struct lws_stay *s)
{
	const char **const all[TEXTS] = {
		&s->wish.address, &s->wish.path,      &s->wish.host,
		&s->wish.origin,  &s->wish.protocols, &s->wish.headers,
	};
	char *at = (char *)(s + 1);
	size_t n, len;

	for (n = 0; n < TEXTS; n++) {
		if (!*all[n])
			continue;
		len = strlen(*all[n]) + 1;
		memcpy(at, *all[n], len);
		*all[n] = at;
		at += len;
	}
}

static struct lws_stay *
keep(const struct lws_client_wish *w)
{
	const char *const all[TEXTS] = {
		w->address, w->path,	  w->host,
		w->origin,  w->protocols, w->headers,
	};
	size_t size = sizeof(struct lws_stay), n;
	struct lws_stay *s;

	for (n = 0; n < TEXTS; n++)
		if (all[n] && !lws_add_ok(size, strlen(all[n]) + 1, &size))
			return NULL;
	s = lws_zalloc(size);
	if (!s)
		return NULL;
	s->wish = *w;
	keep_texts(s);
	return s;
}

/* Numbers that make sense, whatever was given. */
static struct lws_client_reconnect
sane(struct lws_client_reconnect p)
{
	p.min_ms = p.min_ms < MOST_MS ? p.min_ms : MOST_MS;
	p.max_ms = p.max_ms < MOST_MS ? p.max_ms : MOST_MS;
	p.max_ms = p.max_ms > p.min_ms ? p.max_ms : p.min_ms;
	p.factor = p.factor ? p.factor : 2;
	p.jitter = p.jitter < 100 ? p.jitter : 100;
	return p;
}

struct libwebsocket *
lws_stay_begin(struct libwebsocket_context *context,
	       const struct lws_client_wish *w,
	       const struct lws_client_reconnect *policy)
{
	struct lws_stay *s = keep(w);
	struct libwebsocket *wsi;

	if (!s) {
		lwsl_err("client connect: out of memory\n");
		return NULL;
	}
	s->loop = lws_context_loop(context);
	s->policy = sane(*policy);
	lws_alarm_init(&s->alarm, ring);
	lws_list_add(&s->loop->stays, &s->link);
	attempt(s);
	wsi = s->wsi;
	if (!wsi || s->given_up)
		forget(s);
	return wsi;
}

void
lws_stay_forget_all(struct lws_loop *loop)
{
	struct lws_list *at, *next;

	for (at = loop->stays.next; at != &loop->stays; at = next) {
		next = at->next;
		give_up(lws_container_of(at, struct lws_stay, link));
	}
}

LWS_VISIBLE int
lws_client_give_up(struct libwebsocket_context *context, const void *userdata)
{
	struct lws_list *head = &lws_context_loop(context)->stays;
	struct lws_list *at, *next;
	int n = 0;

	for (at = head->next; at != head; at = next) {
		struct lws_stay *s = lws_container_of(at, struct lws_stay,
						      link);

		next = at->next;
		if (s->wish.userdata != userdata || s->given_up)
			continue;
		n++;
		give_up(s);
	}
	return n;
}
