/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * era/era140-extpoll.c - early 2015: a program that polls by itself.
 *
 * Of that time: a table from descriptor to place in the array, a mutex taken in
 * LWS_CALLBACK_LOCK_POLL, and threads of the application that ask for writable
 * callbacks.  Slow readers make the events change.
 */
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "libwebsockets.h"
#include "era.h"

#define CLIENTS	 3
#define MESSAGES 20

static struct pollfd *pollfds;
static int *fd_lookup;
static int max_poll_elements, count_pollfds;
static pthread_mutex_t lock;
static __thread int this_thread;
static int thread_id_asked;

static struct libwebsocket *wsi_client[CLIENTS];
static int ready, received[CLIENTS], all_there, closed_server, closed_client;
static int stop;
static int adds, dels;

static int
callback_http(struct libwebsocket_context *context, struct libwebsocket *wsi,
	      enum libwebsocket_callback_reasons reason, void *user, void *in,
	      size_t len)
{
	struct libwebsocket_pollargs *pa = (struct libwebsocket_pollargs *)in;
	int m;

	(void)context;
	(void)wsi;
	(void)user;
	(void)len;
	switch (reason) {
	case LWS_CALLBACK_LOCK_POLL:
		pthread_mutex_lock(&lock);
		break;

	case LWS_CALLBACK_UNLOCK_POLL:
		pthread_mutex_unlock(&lock);
		break;

	case LWS_CALLBACK_ADD_POLL_FD:
		if (count_pollfds >= max_poll_elements || fd_lookup[pa->fd]) {
			lwsl_err("LWS_CALLBACK_ADD_POLL_FD: no room\n");
			CHECK(!"added once");
			return 1;
		}
		/* places are counted from 1, so that 0 is none */
		pollfds[count_pollfds].fd = pa->fd;
		pollfds[count_pollfds].events = (short)pa->events;
		pollfds[count_pollfds].revents = 0;
		fd_lookup[pa->fd] = ++count_pollfds;
		adds++;
		break;

	case LWS_CALLBACK_DEL_POLL_FD:
		m = fd_lookup[pa->fd];
		if (!CHECK(m != 0))
			break;
		/* have the last guy take up the vacant slot */
		pollfds[m - 1] = pollfds[--count_pollfds];
		fd_lookup[pollfds[m - 1].fd] = m;
		fd_lookup[pa->fd] = 0;
		dels++;
		break;

	case LWS_CALLBACK_CHANGE_MODE_POLL_FD:
		if (CHECK(fd_lookup[pa->fd] != 0))
			pollfds[fd_lookup[pa->fd] - 1].events =
				(short)pa->events;
		break;

	case LWS_CALLBACK_GET_THREAD_ID:
		__sync_fetch_and_add(&thread_id_asked, 1);
		return this_thread;

	default:
		break;
	}
	return 0;
}

/* The message that the threads want sent: one per callback they ask for. */
static int
callback_clock(struct libwebsocket_context *context, struct libwebsocket *wsi,
	       enum libwebsocket_callback_reasons reason, void *user, void *in,
	       size_t len)
{
	unsigned char buf[LWS_SEND_BUFFER_PRE_PADDING + 32 +
			  LWS_SEND_BUFFER_POST_PADDING];
	unsigned char *p = &buf[LWS_SEND_BUFFER_PRE_PADDING];
	int *number = (int *)user;
	int i, n;

	(void)context;
	CHECK(this_thread == 1);
	switch (reason) {
	case LWS_CALLBACK_ESTABLISHED:
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		ready++;
		break;

	case LWS_CALLBACK_SERVER_WRITEABLE:
		if (*number == MESSAGES)
			break;
		n = sprintf((char *)p, "tick %d", (*number)++);
		if (libwebsocket_write(wsi, p, (size_t)n, LWS_WRITE_TEXT) < n)
			return -1;
		break;

	case LWS_CALLBACK_CLIENT_WRITEABLE:
		/* the time to go is when no thread can name us any more */
		return __sync_fetch_and_add(&stop, 0) ? -1 : 0;

	case LWS_CALLBACK_CLIENT_RECEIVE:
		for (i = 0; i < CLIENTS && wsi_client[i] != wsi; i++)
			;
		sprintf((char *)p, "tick %d", received[i]);
		CHECK(len == strlen((char *)p) && !memcmp(in, p, len));
		all_there += ++received[i] == MESSAGES;
		break;

	case LWS_CALLBACK_CLOSED:
		for (i = 0; i < CLIENTS && wsi_client[i] != wsi; i++)
			;
		if (i < CLIENTS)
			closed_client++;
		else
			closed_server++;
		break;

	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		CHECK(!"a connection error");
		break;

	default:
		break;
	}
	return 0;
}

static struct libwebsocket_protocols protocols[] = {
	{ "http-only", callback_http, 0, 0, 0, NULL },
	{ "clock", callback_clock, sizeof(int), 0, 0, NULL },
	{ NULL, NULL, 0, 0, 0, NULL }
};

/* from another thread: the loop may be asleep in its poll just now */
static void *
tick(void *arg)
{
	(void)arg;
	this_thread = 2;
	while (!__sync_fetch_and_add(&stop, 0)) {
		usleep(1000);
		libwebsocket_callback_on_writable_all_protocol(&protocols[1]);
	}
	return NULL;
}

static int
poll_and_serve(struct libwebsocket_context *context)
{
	int n = poll(pollfds, (nfds_t)count_pollfds, 1000);

	if (n < 0)
		return -1;
	if (n == 0) {
		CHECK(stop || ready < 2 * CLIENTS);
		return libwebsocket_service_fd(context, NULL);
	}
	for (n = 0; n < count_pollfds; n++)
		if (pollfds[n].revents)
			/*
			 * returns immediately if the fd does not match
			 * anything under libwebsockets control
			 */
			if (libwebsocket_service_fd(context, &pollfds[n]) < 0)
				return -1;
	return 0;
}

static void
make_tables(void)
{
	pthread_mutexattr_t attr;

	max_poll_elements = 1024;
	pollfds = calloc((size_t)max_poll_elements, sizeof(struct pollfd));
	fd_lookup = calloc((size_t)max_poll_elements, sizeof(int));
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&lock, &attr);
	pthread_mutexattr_destroy(&attr);
	this_thread = 1;
}

static int
connect_all(struct libwebsocket_context *context, int port)
{
	int i;

	for (i = 0; i < CLIENTS; i++) {
		wsi_client[i] = libwebsocket_client_connect(context,
				"127.0.0.1", port, 0, "/", "localhost", NULL,
				"clock", -1);
		if (!wsi_client[i])
			return -1;
	}
	return 0;
}

int
main(void)
{
	struct libwebsocket_context *context;
	struct lws_context_creation_info info;
	long deadline = era_deadline();
	pthread_t thread;
	int n;

	make_tables();
	memset(&info, 0, sizeof info);
	info.protocols = protocols;
	info.gid = -1;
	info.uid = -1;
	context = libwebsocket_create_context(&info);
	if (context == NULL) {
		lwsl_err("libwebsocket init failed\n");
		return 1;
	}
	n = connect_all(context, info.port);
	CHECK(n == 0);
	while (n >= 0 && ready < 2 * CLIENTS && era_now() < deadline)
		n = poll_and_serve(context);

	/* no connection comes or goes while the thread is there */
	if (!CHECK(!pthread_create(&thread, NULL, tick, NULL)))
		return 1;
	while (n >= 0 && all_there < CLIENTS && era_now() < deadline)
		n = poll_and_serve(context);
	__sync_fetch_and_add(&stop, 1);
	pthread_join(thread, NULL);

	libwebsocket_callback_on_writable_all_protocol(&protocols[1]);
	while (n >= 0 && closed_client + closed_server < 2 * CLIENTS &&
	       era_now() < deadline)
		n = poll_and_serve(context);
	CHECK(n >= 0);
	for (n = 0; n < CLIENTS; n++)
		CHECK(received[n] == MESSAGES);
	CHECK(thread_id_asked > 0);

	libwebsocket_context_destroy(context);
	CHECK(count_pollfds == 0 && adds == dels);
	free(pollfds);
	free(fd_lookup);
	pthread_mutex_destroy(&lock);
	return era_result(closed_client == CLIENTS && closed_server == CLIENTS,
			  "all closing");
}
