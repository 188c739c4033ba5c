/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * echo-threads.c - the server on several cores.
 *
 * A thread for each loop of the context; the one that main() runs in is thread
 * 0, and the others go on until it is done, so that connections end in good
 * order in all of them.  The callback needs no lock, for it keeps nothing
 * beside its connections, and each of these has one thread.
 */
#include "echo.h"

#include <pthread.h>

#include "common.h"

struct worker {
	pthread_t id;
	struct libwebsocket_context *context;
	unsigned int number;
	int failed;
};

static int done;	/* atomic */

static void *
work(void *arg)
{
	struct worker *worker = arg;
	int n = 0;

	while (n >= 0 && !__atomic_load_n(&done, __ATOMIC_ACQUIRE))
		n = lws_service_thread(worker->context, 1000, worker->number);
	worker->failed = n < 0;
	if (n < 0) {
		stop_now();
		libwebsocket_cancel_service(worker->context);
	}
	return NULL;
}

/* Until a signal comes, or one of the others fails. */
static int
serve(struct libwebsocket_context *context)
{
	int n = 0;

	while (n >= 0 && !stopping())
		n = libwebsocket_service(context, 1000);
	return n < 0 ? n : stop_gently(context, libwebsocket_service);
}

int
echo_serve_threads(struct libwebsocket_context *context, int count)
{
	struct worker workers[ECHO_THREADS_MAX];
	int n, started, failed;

	for (started = 1; started < count; started++) {
		workers[started].context = context;
		workers[started].number = (unsigned int)started;
		if (pthread_create(&workers[started].id, NULL, work,
				   &workers[started]))
			break;
	}
	failed = started < count;
	if (failed)
		lwsl_err("cannot start thread %d of %d\n", started, count);
	else
		failed = serve(context) < 0;
	__atomic_store_n(&done, 1, __ATOMIC_RELEASE);
	libwebsocket_cancel_service(context);
	for (n = 1; n < started; n++) {
		pthread_join(workers[n].id, NULL);
		failed |= workers[n].failed;
	}
	return failed;
}
