/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/thread-none.c - a build without threads: what blocks, blocks.
 */
#include "plat/plat.h"

#include "base/err.h"

bool
lws_plat_has_threads(void)
{
	return false;
}

const void *
lws_plat_me(void)
{
	static const char me;

	return &me;
}

int
lws_plat_thread(struct lws_errand *errand)
{
	(void)errand;
	return LWS_ERR_UNSUPPORTED;
}

struct lws_lock *
lws_plat_lock_new(void)
{
	return NULL;
}

void
lws_plat_lock(struct lws_lock *lock)
{
	(void)lock;
}

void
lws_plat_unlock(struct lws_lock *lock)
{
	(void)lock;
}

void
lws_plat_lock_free(struct lws_lock *lock)
{
	(void)lock;
}
