/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/unix/thread.c - helpers for what can only block.
 */
#include "plat/plat.h"

#include <pthread.h>
#include <signal.h>

#include "base/alloc.h"
#include "base/err.h"

struct lws_lock {
	pthread_mutex_t mutex;
};

bool
lws_plat_has_threads(void)
{
	return true;
}

static void *
begin(void *errand)
{
	const struct lws_errand *e = errand;

	e->run(e->arg);
	return NULL;
}

const void *
lws_plat_me(void)
{
	return (const void *)pthread_self();
}

/* A thread inherits the mask: signals stay with the application's. */
int
lws_plat_thread(struct lws_errand *errand)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all, before;
	int failed;

	if (pthread_attr_init(&attr))
		return LWS_ERR_NOMEM;
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(&thread, &attr, begin, errand);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return failed ? LWS_ERR_NOMEM : 0;
}

struct lws_lock *
lws_plat_lock_new(void)
{
	struct lws_lock *lock = lws_alloc(sizeof(*lock));

	if (lock && pthread_mutex_init(&lock->mutex, NULL)) {
		lws_free(lock);
		return NULL;
	}
	return lock;
}

void
lws_plat_lock(struct lws_lock *lock)
{
	pthread_mutex_lock(&lock->mutex);
}

void
lws_plat_unlock(struct lws_lock *lock)
{
	pthread_mutex_unlock(&lock->mutex);
}

void
lws_plat_lock_free(struct lws_lock *lock)
{
	if (!lock)
		return;
	pthread_mutex_destroy(&lock->mutex);
	lws_free(lock);
}
