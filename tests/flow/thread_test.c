/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of what other threads may ask: writable and cancelling, with a lock
 * and a thread id as applications of 1.3 have them.
 */
#include "flow/flow.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>

/* requests that each thread makes */
#define ROUNDS 200

static pthread_mutex_t lock;
static struct pollfd polls[16];
static int count_polls;
static struct libwebsocket *server, *client;
static struct libwebsocket_context *context;
static struct libwebsocket_protocols protocols[3];
static int writeables;		/* atomic */
static int other_changes;	/* poll callbacks made by the other thread */
static int wrong;		/* callbacks without the lock; atomic */
static int depth;		/* of the lock */
static bool gave_up;		/* the other thread, waiting; atomic */
static __thread int thread_id;

static struct pollfd *
find(int fd)
{
	int n;

	for (n = 0; n < count_polls; n++)
		if (polls[n].fd == fd)
			return &polls[n];
	return NULL;
}

static void
change(enum libwebsocket_callback_reasons reason,
       const struct libwebsocket_pollargs *args)
{
	struct pollfd *p = find(args->fd);

	if (depth < 1)
		wrong++;
	if (reason == LWS_CALLBACK_ADD_POLL_FD) {
		polls[count_polls].fd = args->fd;
		polls[count_polls++].events = (short)args->events;
	} else if (p && reason == LWS_CALLBACK_DEL_POLL_FD) {
		*p = polls[--count_polls];
	} else if (p) {
		p->events = (short)args->events;
	} else {
		wrong++;
	}
	other_changes += thread_id == 2;
}

static int
callback(struct libwebsocket_context *ctx, struct libwebsocket *wsi,
	 enum libwebsocket_callback_reasons reason, void *user, void *in,
	 size_t len)
{
	(void)ctx;
	(void)user;
	(void)len;
	switch ((int)reason) {
	case LWS_CALLBACK_GET_THREAD_ID:
		return thread_id;
	case LWS_CALLBACK_LOCK_POLL:
		pthread_mutex_lock(&lock);
		depth++;
		break;
	case LWS_CALLBACK_UNLOCK_POLL:
		depth--;
		pthread_mutex_unlock(&lock);
		break;
	case LWS_CALLBACK_ADD_POLL_FD:
	case LWS_CALLBACK_DEL_POLL_FD:
	case LWS_CALLBACK_CHANGE_MODE_POLL_FD:
		change(reason, in);
		break;
	case LWS_CALLBACK_ESTABLISHED:
		server = wsi;
		break;
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		client = wsi;
		break;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		__atomic_add_fetch(&writeables, 1, __ATOMIC_RELEASE);
		break;
	case LWS_CALLBACK_CLOSED:
		server = server == wsi ? NULL : server;
		client = client == wsi ? NULL : client;
		break;
	}
	return 0;
}

static void
turn(bool external, int ms)
{
	struct pollfd copy[16];
	int n, count;

	if (!external) {
		assert_int_equal(libwebsocket_service(context, ms), 0);
		return;
	}
	pthread_mutex_lock(&lock);
	count = count_polls;
	memcpy(copy, polls, sizeof(copy));
	pthread_mutex_unlock(&lock);
	if (poll(copy, (nfds_t)count, ms) <= 0)
		libwebsocket_service_fd(context, NULL);
	else
		for (n = 0; n < count; n++)
			if (copy[n].revents)
				libwebsocket_service_fd(context, &copy[n]);
}

static void
begin(const char *backend, bool external)
{
	struct lws_context_creation_info info = { 0 };
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&lock, &attr);
	pthread_mutexattr_destroy(&attr);
	lws_set_log_level(0, NULL);
	memset(protocols, 0, sizeof(protocols));
	protocols[0].name = "first";
	protocols[0].callback = callback;
	protocols[1].name = "second";
	protocols[1].callback = callback;
	count_polls = writeables = other_changes = wrong = depth = 0;
	server = client = NULL;
	thread_id = 1;
	info.iface = "127.0.0.1";
	info.protocols = protocols;
	info.uid = info.gid = -1;
	info.event_backend = flow_backend(backend);
	context = libwebsocket_create_context(&info);
	assert_non_null(context);
	assert_non_null(libwebsocket_client_connect(
			context, "127.0.0.1", info.port, 0, "/", "h", NULL,
			"second", -1));
	while (!server || !client)
		turn(external, 50);
}

static void
end(void)
{
	libwebsocket_context_destroy(context);
	assert_int_equal(count_polls, 0);
	assert_int_equal(wrong, 0);
	assert_int_equal(depth, 0);
	pthread_mutex_destroy(&lock);
}

static bool one_protocol;

/* Ask, wait until it is heard, ask again. */
static void *
ask(void *arg)
{
	int n, before;
	uint64_t limit = flow_ms() + FLOW_PATIENCE_MS;

	thread_id = 2;
	for (n = 0; n < ROUNDS; n++) {
		before = __atomic_load_n(&writeables, __ATOMIC_ACQUIRE);
		if (one_protocol)
			libwebsocket_callback_on_writable_all_protocol(
				&protocols[1]);
		else
			libwebsocket_callback_on_writable(context, server);
		while (__atomic_load_n(&writeables, __ATOMIC_ACQUIRE) ==
		       before) {
			if (flow_ms() > limit) {
				__atomic_store_n(&gave_up, true,
						 __ATOMIC_RELEASE);
				libwebsocket_cancel_service(context);
				return arg;
			}
			sched_yield();
		}
	}
	/* the last may have been heard just before a long wait */
	libwebsocket_cancel_service(context);
	return NULL;
}

static const struct mode {
	const char *backend;
	bool external;
} modes[] = {
	{ "epoll", false }, { "poll", false }, { "external", true },
	{ NULL, true },
};

static void
run(const struct mode *mode)
{
	void *failed = NULL;
	pthread_t other;
	int before;

	begin(mode->backend, mode->external);
	assert_int_equal(pthread_create(&other, NULL, ask, protocols), 0);
	/* a wait without end must be broken off each time */
	while (__atomic_load_n(&writeables, __ATOMIC_ACQUIRE) < ROUNDS &&
	       !__atomic_load_n(&gave_up, __ATOMIC_ACQUIRE))
		turn(mode->external, 20000);
	assert_int_equal(pthread_join(other, &failed), 0);
	assert_null(failed);
	/* and nothing stays behind to turn the loop round */
	before = writeables;
	turn(mode->external, 10);
	turn(mode->external, 10);
	before = writeables;
	turn(mode->external, 10);
	assert_int_equal(writeables, before);
	end();
}

static void
test_another_thread_asks_for_writable(void **state)
{
	size_t n;

	(void)state;
	one_protocol = false;
	for (n = 0; n < COUNT(modes); n++)
		run(&modes[n]);
}

static void
test_another_thread_asks_for_a_whole_protocol(void **state)
{
	size_t n;

	(void)state;
	one_protocol = true;
	for (n = 0; n < COUNT(modes); n++)
		run(&modes[n]);
}

static int done;

static void *
cancel(void *arg)
{
	int n;

	(void)arg;
	thread_id = 2;
	for (n = 0; n < 1000; n++)
		libwebsocket_cancel_service(context);
	__atomic_store_n(&done, 1, __ATOMIC_RELEASE);
	libwebsocket_cancel_service(context);
	return NULL;
}

static void
test_another_thread_cancels_the_wait(void **state)
{
	pthread_t other;
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(modes); n++) {
		begin(modes[n].backend, modes[n].external);
		done = 0;
		assert_int_equal(pthread_create(&other, NULL, cancel, NULL),
				 0);
		while (!__atomic_load_n(&done, __ATOMIC_ACQUIRE))
			turn(modes[n].external, 20000);
		assert_int_equal(pthread_join(other, NULL), 0);
		end();
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_another_thread_asks_for_writable),
		cmocka_unit_test(test_another_thread_asks_for_a_whole_protocol),
		cmocka_unit_test(test_another_thread_cancels_the_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
