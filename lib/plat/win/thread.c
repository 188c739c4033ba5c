/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/win/thread.c - helpers for what can only block.
 *
 * Each holds Winsock for itself, since it may outlive the context that it
 * works for.
 */
#include "plat/plat.h"

#include <process.h>
#include <winsock2.h>

#include "base/alloc.h"
#include "base/err.h"

struct lws_lock {
	CRITICAL_SECTION section;
};

bool
lws_plat_has_threads(void)
{
	return true;
}

/* Numbers of threads are never 0. */
const void *
lws_plat_me(void)
{
	return (const void *)(uintptr_t)GetCurrentThreadId();
}

static unsigned __stdcall
begin(void *errand)
{
	const struct lws_errand *e = errand;
	const bool started = lws_plat_start() == 0;

	e->run(e->arg);
	if (started)
		lws_plat_stop();
	return 0;
}

int
lws_plat_thread(struct lws_errand *errand)
{
	const uintptr_t thread =
		_beginthreadex(NULL, 0, begin, errand, 0, NULL);

	if (!thread)
		return LWS_ERR_NOMEM;
	CloseHandle((HANDLE)thread);
	return 0;
}

struct lws_lock *
lws_plat_lock_new(void)
{
	struct lws_lock *lock = lws_alloc(sizeof(*lock));

	if (lock)
		InitializeCriticalSection(&lock->section);
	return lock;
}

void
lws_plat_lock(struct lws_lock *lock)
{
	EnterCriticalSection(&lock->section);
}

void
lws_plat_unlock(struct lws_lock *lock)
{
	LeaveCriticalSection(&lock->section);
}

void
lws_plat_lock_free(struct lws_lock *lock)
{
	if (!lock)
		return;
	DeleteCriticalSection(&lock->section);
	lws_free(lock);
}
