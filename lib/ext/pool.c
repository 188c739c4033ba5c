/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ext/pool.c - what the extensions of one thread's connections share: memory
 * for a step's output each way, idle zlib streams, and the message compressed
 * last.
 *
 * A stream is in use for a message, so one of each kind serves any number of
 * connections as long as messages come whole; fragments that come slowly from
 * many keep more busy.  Idle ones are held in the order they came back, and the
 * oldest goes when there are too many, so that kinds which nobody uses any more
 * fade away.
 */
#include "ext/pool.h"

#include "base/alloc.h"

#include "ext/pool-zip.h"

/* idle streams: of one kind, and in all */
#define IDLE_OF_KIND 4
#define IDLE	     16

struct memory {
	struct lws_zip_kind kind;
	size_t len, deflated_len;
	uint8_t deflated[LWS_EXT_STEP];
	uint8_t message[LWS_POOL_REMEMBERS];
};

struct lws_ext_pool {
	struct lws_zip *idle; /* the latest first */
	uint8_t *rx_room, *tx_room;
	struct memory *memory;
	unsigned long compressed;
};

struct lws_ext_pool *
lws_ext_pool_new(void)
{
	return lws_zalloc(sizeof(struct lws_ext_pool));
}

void
lws_ext_pool_free(struct lws_ext_pool *pool)
{
	struct lws_zip *zip;

	if (!pool)
		return;
	while ((zip = pool->idle)) {
		pool->idle = zip->next;
		lws_zip_free(zip);
	}
	lws_free(pool->rx_room);
	lws_free(pool->tx_room);
	lws_free(pool->memory);
	lws_free(pool);
}

struct lws_zip *
lws_pool_borrow(struct lws_ext_pool *pool, const struct lws_zip_kind *kind)
{
	struct lws_zip **at = &pool->idle, *zip;

	while (*at && !lws_zip_same(&(*at)->kind, kind))
		at = &(*at)->next;
	zip = *at;
	if (!zip)
		return lws_zip_new(kind);
	*at = zip->next;
	lws_zip_reset(zip);
	return zip;
}

/* Free the last one of @kind beyond what may idle of it, or the last of all. */
static void
trim(struct lws_ext_pool *pool, const struct lws_zip_kind *kind)
{
	struct lws_zip **at, *extra;
	unsigned of_kind = 0, all = 0;

	for (at = &pool->idle; *at; at = &(*at)->next) {
		all++;
		of_kind += lws_zip_same(&(*at)->kind, kind);
		if (of_kind > IDLE_OF_KIND || all > IDLE)
			break;
	}
	extra = *at;
	if (!extra)
		return;
	*at = extra->next;
	lws_zip_free(extra);
}

void
lws_pool_give_back(struct lws_ext_pool *pool, struct lws_zip *zip)
{
	if (!zip)
		return;
	zip->next = pool->idle;
	pool->idle = zip;
	trim(pool, &zip->kind);
}

static uint8_t *
room(uint8_t **at)
{
	if (!*at)
		*at = lws_alloc(LWS_EXT_LEAD + LWS_EXT_STEP + LWS_EXT_SLACK);
	return *at ? *at + LWS_EXT_LEAD : NULL;
}

uint8_t *
lws_pool_rx_room(struct lws_ext_pool *pool)
{
	return room(&pool->rx_room);
}

uint8_t *
lws_pool_tx_room(struct lws_ext_pool *pool)
{
	return room(&pool->tx_room);
}

void
lws_pool_remember(struct lws_ext_pool *pool, const struct lws_zip_kind *kind,
		  struct lws_span message, struct lws_span deflated)
{
	struct memory *m = pool->memory;

	if (!message.len || message.len > LWS_POOL_REMEMBERS)
		return;
	if (!m)
		m = pool->memory = lws_alloc(sizeof(*m));
	if (!m)
		return;
	m->kind = *kind;
	m->len = message.len;
	m->deflated_len = deflated.len;
	memcpy(m->message, message.p, message.len);
	if (deflated.len)
		memcpy(m->deflated, deflated.p, deflated.len);
}

bool
lws_pool_recall(struct lws_ext_pool *pool, const struct lws_zip_kind *kind,
		struct lws_span message, struct lws_span *out)
{
	const struct memory *m = pool->memory;

	if (!m || m->len != message.len || !lws_zip_same(&m->kind, kind) ||
	    memcmp(m->message, message.p, message.len) != 0)
		return false;
	memcpy(out->p, m->deflated, m->deflated_len);
	out->len = m->deflated_len;
	return true;
}

void
lws_pool_compresses(struct lws_ext_pool *pool)
{
	pool->compressed++;
}

unsigned long
lws_ext_pool_compressed(const struct lws_ext_pool *pool)
{
	return pool->compressed;
}

unsigned
lws_pool_idle(const struct lws_ext_pool *pool)
{
	const struct lws_zip *zip;
	unsigned n = 0;

	for (zip = pool->idle; zip; zip = zip->next)
		n++;
	return n;
}
