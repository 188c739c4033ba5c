/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * soak.c - does a server lose descriptors or memory in the long run?
 *
 *	soak plain | poll | fork | threads  SECONDS
 *
 * A server echoes.  In rounds a hundred come to it: clients that write messages
 * of all sizes and leave in all ways, some in the midst of a message, some by
 * asking the server to end it, some to where nobody listens; and strangers who
 * ask for a page, or begin to and are gone.  After each round everybody has
 * left, and then exactly the descriptors must be open that were before, in the
 * server as in its clients.  What memory was needed in the first quarter of the
 * time must do for the rest of it, but for a constant: of the library to the
 * byte, by its allocator, and of the process as the system counts it.
 *
 * plain: one loop of the library.  poll: a poll() of our own.  fork: the server
 * goes on in a process of its own and is broadcast to.  threads: two of them
 * serve it.  Clients have a context of their own.
 *
 * Prints one line, "ok - ..." or "not ok - ..."; the exit status is 0, 1, or 77
 * where the build has no such mode.  Nothing depends on speed.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "libwebsockets.h"

enum {
	VISITS = 100,		/* of a round */
	AT_ONCE = 25,
	MESSAGES = 6,		/* of a client, at most */
	THREADS = 2,
	CHUNK = 4096,
	POLLS = 512,

	PATIENCE_MS = 60000,	/* without any progress */

	/*
	 * Growth that is none: a loop keeps up to 64 chunks of 16 KiB to lend,
	 * and there are three loops at most.  Other blocks are smaller.
	 */
	SMALL = 16 * 1024,
	GROWTH_SMALL = 32 * 1024,
	GROWTH_LARGE = 3 * 1024 * 1024,
	GROWTH_RESIDENT = 4 * 1024 * 1024
};

enum mode { PLAIN, POLL, FORK, IN_THREADS };
static const char *const names[] = { "plain", "poll", "fork", "threads" };

/* how a visit ends; strangers are behind the clients */
enum kind { RETURN, WRITE_CLOSE, ASK, CUT, REFUSED, GET, HALF, KINDS };

struct visit {
	struct libwebsocket *wsi;
	enum kind kind;
	unsigned left;		/* messages to write */
	size_t len, got;	/* of the one under way, and of its echo */
	unsigned char fill;
	bool waiting;		/* for the echo */
};

/* what a server in another process tells */
static struct shared {
	long connections;	/* that are open */
	long held[2];		/* bytes of the library, in blocks @SMALL or not */
	long broadcasts;	/* heard */
	pid_t server;
} *shared;

static struct {
	enum mode mode;
	struct libwebsocket_context *server, *client;
	int port, refused;	/* and one where nobody listens */
	int refuser;
	struct visit visits[AT_ONCE];
	int strangers[VISITS];
	unsigned count_strangers;
	unsigned alive;		/* clients */
	struct pollfd polls[POLLS];
	struct libwebsocket_context *owners[POLLS];
	nfds_t count_polls;
	pthread_t threads[THREADS];
	bool stop;
	unsigned long rounds, visited, messages, unexpected, wrong;
	long long progress;
} s;

static uint32_t dice = 20150112;

static unsigned
roll(unsigned sides)
{
	dice = dice * 1664525 + 1013904223;
	return (dice >> 8) % sides;
}

static long long
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void
not_ok(const char *format, ...)
{
	va_list args;

	printf("not ok - soak %s, round %lu: ", names[s.mode], s.rounds);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	_exit(1);
}

/* ---- what is held ---- */

union block {
	size_t size;
	long double align;
};

static void *
resize(void *ptr, size_t size)
{
	union block *old = ptr ? (union block *)ptr - 1 : NULL, *got;
	const size_t before = old ? old->size : 0;

	got = size ? realloc(old, sizeof(*got) + size) : NULL;
	if (size && !got)
		return NULL;
	if (!size)
		free(old);
	__atomic_sub_fetch(&shared->held[before >= SMALL], (long)before,
			   __ATOMIC_RELAXED);
	__atomic_add_fetch(&shared->held[size >= SMALL], (long)size,
			   __ATOMIC_RELAXED);
	if (!size)
		return NULL;
	got->size = size;
	return got + 1;
}

static long
held(bool large)
{
	return __atomic_load_n(&shared->held[large], __ATOMIC_RELAXED);
}

static long
descriptors_of(pid_t pid)
{
	char path[64];
	long n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%ld/fd", (long)pid);
	dir = opendir(path);
	if (!dir)
		not_ok("no %s", path);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static long
resident_of(pid_t pid)
{
	char path[64];
	long size, resident = 0;
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%ld/statm", (long)pid);
	in = fopen(path, "r");
	if (!in || fscanf(in, "%ld %ld", &size, &resident) != 2)
		not_ok("no %s", path);
	fclose(in);
	return resident * sysconf(_SC_PAGESIZE);
}

static long
sum(long (*of)(pid_t pid))
{
	return of(getpid()) + (shared->server ? of(shared->server) : 0);
}

/* Memory that a sanitizer keeps aside is none of the library's. */
static bool
resident_counts(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	return false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
	return false;
#endif
#endif
	return !getenv("SOAK_IN_VALGRIND");
}

/* ---- descriptors for poll() ---- */

static void
note_poll(struct libwebsocket_context *context,
	  enum libwebsocket_callback_reasons reason,
	  const struct libwebsocket_pollargs *args)
{
	nfds_t n = 0;

	while (n < s.count_polls && s.polls[n].fd != args->fd)
		n++;
	if (reason == LWS_CALLBACK_ADD_POLL_FD) {
		if (n < s.count_polls || n == POLLS)
			not_ok("descriptor %d cannot be added", args->fd);
		s.polls[n].fd = args->fd;
		s.polls[n].revents = 0;
		s.owners[n] = context;
		s.count_polls++;
	} else if (n == s.count_polls) {
		not_ok("descriptor %d was not added", args->fd);
	}
	if (reason == LWS_CALLBACK_DEL_POLL_FD) {
		s.polls[n] = s.polls[--s.count_polls];
		s.owners[n] = s.owners[s.count_polls];
	} else {
		s.polls[n].events = (short)args->events;
	}
}

/* Is it about these?  Only where the waiting is ours is there anything to do. */
static bool
is_poll(struct libwebsocket_context *context,
	enum libwebsocket_callback_reasons reason, void *in)
{
	if (reason != LWS_CALLBACK_ADD_POLL_FD &&
	    reason != LWS_CALLBACK_DEL_POLL_FD &&
	    reason != LWS_CALLBACK_CHANGE_MODE_POLL_FD)
		return false;
	if (s.mode == POLL)
		note_poll(context, reason, in);
	return true;
}

/* ---- the server ---- */

static int
echo(struct libwebsocket *wsi, const void *in, size_t len)
{
	static __thread unsigned char buf[LWS_SEND_BUFFER_PRE_PADDING + CHUNK +
					  LWS_SEND_BUFFER_POST_PADDING];

	if (len == 1 && *(const char *)in == 'x')
		return -1;
	if (len > CHUNK)
		not_ok("a chunk of %lu bytes", (unsigned long)len);
	memcpy(buf + LWS_SEND_BUFFER_PRE_PADDING, in, len);
	return libwebsocket_write(wsi, buf + LWS_SEND_BUFFER_PRE_PADDING, len,
				  LWS_WRITE_BINARY) < 0 ? -1 : 0;
}

static int
serve(struct libwebsocket_context *context, struct libwebsocket *wsi,
      enum libwebsocket_callback_reasons reason, void *user, void *in,
      size_t len)
{
	(void)user;
	if (is_poll(context, reason, in))
		return 0;
	switch ((int)reason) {
	case LWS_CALLBACK_WSI_CREATE:
		__atomic_add_fetch(&shared->connections, 1, __ATOMIC_SEQ_CST);
		if (s.mode == FORK)
			shared->server = getpid();
		break;
	case LWS_CALLBACK_WSI_DESTROY:
		__atomic_sub_fetch(&shared->connections, 1, __ATOMIC_SEQ_CST);
		break;
	case LWS_CALLBACK_BROADCAST:
		__atomic_add_fetch(&shared->broadcasts, 1, __ATOMIC_RELAXED);
		break;
	case LWS_CALLBACK_RECEIVE:
		return echo(wsi, in, len);
	case LWS_CALLBACK_HTTP:
		libwebsockets_return_http_status(context, wsi, 404, "none");
		return -1;
	}
	return 0;
}

static struct libwebsocket_protocols serves[] = {
	{ .name = "soak", .callback = serve, .rx_buffer_size = CHUNK },
	{ .name = NULL },
};

/* ---- clients ---- */

static int
write_some(struct visit *v, size_t len, int kind)
{
	static unsigned char buf[LWS_SEND_BUFFER_PRE_PADDING + 70000 +
				 LWS_SEND_BUFFER_POST_PADDING];

	memset(buf + LWS_SEND_BUFFER_PRE_PADDING, v->fill, len);
	return libwebsocket_write(v->wsi, buf + LWS_SEND_BUFFER_PRE_PADDING,
				  len, (enum libwebsocket_write_protocol)kind);
}

static int
leave(struct visit *v)
{
	switch (v->kind) {
	case WRITE_CLOSE:
		v->waiting = true;
		write_some(v, 0, LWS_WRITE_CLOSE);
		return 0;
	case ASK:
		v->waiting = true;
		v->fill = 'x';
		return write_some(v, 1, LWS_WRITE_TEXT) < 0 ? -1 : 0;
	case CUT:
		write_some(v, 1000, LWS_WRITE_BINARY | LWS_WRITE_NO_FIN);
		return -1;
	default:
		return -1;
	}
}

static int
speak(struct visit *v)
{
	static const size_t sizes[] = { 2, 125, 126, 4000, 65535, 70000 };

	if (v->waiting)
		return 0;
	if (!v->left)
		return leave(v);
	v->left--;
	v->waiting = true;
	v->got = 0;
	/* at first all are long, so that all is there that loops lend */
	v->len = s.rounds < 2 ? 70000 :
		 sizes[roll(sizeof(sizes) / sizeof(sizes[0]))];
	v->fill = (unsigned char)roll(256);
	return write_some(v, v->len, LWS_WRITE_BINARY) < 0 ? -1 : 0;
}

static void
hear(struct visit *v, const unsigned char *in, size_t len)
{
	size_t n;

	for (n = 0; n < len; n++)
		s.wrong += in[n] != v->fill;
	v->got += len;
	s.wrong += v->got > v->len;
	if (v->got < v->len)
		return;
	s.messages++;
	v->waiting = false;
	libwebsocket_callback_on_writable(s.client, v->wsi);
}

static int
visit(struct libwebsocket_context *context, struct libwebsocket *wsi,
      enum libwebsocket_callback_reasons reason, void *user, void *in,
      size_t len)
{
	struct visit *v = user;

	if (is_poll(context, reason, in))
		return 0;
	switch ((int)reason) {
	case LWS_CALLBACK_WSI_CREATE:
		v->wsi = wsi;
		s.alive++;
		break;
	case LWS_CALLBACK_WSI_DESTROY:
		v->wsi = NULL;
		s.alive--;
		s.progress = now_ms();
		break;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		s.unexpected += v->kind != REFUSED;
		break;
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		libwebsocket_callback_on_writable(context, wsi);
		break;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return speak(v);
	case LWS_CALLBACK_CLIENT_RECEIVE:
		hear(v, in, len);
		break;
	}
	return 0;
}

static struct libwebsocket_protocols visits[] = {
	{ .name = "soak", .callback = visit, .rx_buffer_size = CHUNK },
	{ .name = NULL },
};

static void
come(struct visit *v, enum kind kind)
{
	memset(v, 0, sizeof(*v));
	v->kind = kind;
	v->left = roll(MESSAGES);
	if (!libwebsocket_client_connect_extended(
		    s.client, "127.0.0.1", kind == REFUSED ? s.refused : s.port,
		    0, "/", "localhost", NULL, "soak", -1, v))
		not_ok("no client can be made");
}

/* ---- strangers ---- */

static int
bound(const struct sockaddr_in *at)
{
	const int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, (const struct sockaddr *)at, sizeof(*at)))
		not_ok("no socket");
	return fd;
}

static struct sockaddr_in
loopback(int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET };

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	at.sin_port = htons((uint16_t)port);
	return at;
}

static void
come_as_stranger(enum kind kind)
{
	static const char get[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
	const struct sockaddr_in at = loopback(s.port), any = loopback(0);
	const struct linger reset = { 1, 0 };
	const int fd = bound(&any);

	if (connect(fd, (const struct sockaddr *)&at, sizeof(at)))
		not_ok("the server does not listen");
	send(fd, get, kind == HALF ? 10 : sizeof(get) - 1, MSG_NOSIGNAL);
	if (roll(2))
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	s.strangers[s.count_strangers++] = fd;
}

static void
strangers_go(void)
{
	while (s.count_strangers)
		close(s.strangers[--s.count_strangers]);
}

/* ---- rounds ---- */

static void
wait_ourselves(void)
{
	static long long looked;
	nfds_t n;

	if (poll(s.polls, s.count_polls, 2) > 0)
		for (n = 0; n < s.count_polls; n++) {
			struct pollfd ready = s.polls[n];

			s.polls[n].revents = 0;
			if (ready.revents)
				libwebsocket_service_fd(s.owners[n], &ready);
		}
	if (now_ms() - looked < 100)
		return;
	looked = now_ms();
	libwebsocket_service_fd(s.server, NULL);
	libwebsocket_service_fd(s.client, NULL);
}

static void
turn(void)
{
	if (now_ms() - s.progress > PATIENCE_MS)
		not_ok("%u clients, %ld connections of the server and %ld "
		       "descriptors are left", s.alive,
		       __atomic_load_n(&shared->connections, __ATOMIC_SEQ_CST),
		       sum(descriptors_of));
	if (s.mode == POLL) {
		wait_ourselves();
		return;
	}
	if (s.mode == PLAIN)
		libwebsocket_service(s.server, 0);
	libwebsocket_service(s.client, 2);
}

static void
start(unsigned n)
{
	const enum kind kind = (enum kind)((n + s.rounds) % KINDS);
	unsigned place = 0;

	s.visited++;
	if (kind >= GET) {
		come_as_stranger(kind);
		return;
	}
	while (s.visits[place].wsi)
		place++;
	come(&s.visits[place], kind);
}

static void
broadcast(void)
{
	unsigned char buf[LWS_SEND_BUFFER_PRE_PADDING + 5 +
			  LWS_SEND_BUFFER_POST_PADDING];

	memcpy(buf + LWS_SEND_BUFFER_PRE_PADDING, "hello", 5);
	if (libwebsockets_broadcast(serves, buf + LWS_SEND_BUFFER_PRE_PADDING,
				    5) < 0)
		not_ok("nothing can be broadcast");
}

/* Everybody comes, and goes; then @descriptors are open, as before. */
static void
make_round(long descriptors)
{
	unsigned n = 0;

	s.progress = now_ms();
	while (n < VISITS || s.alive) {
		while (n < VISITS && s.alive < AT_ONCE)
			start(n++);
		if (s.mode == FORK && !roll(20))
			broadcast();
		turn();
	}
	strangers_go();
	s.progress = now_ms();
	while (__atomic_load_n(&shared->connections, __ATOMIC_SEQ_CST) ||
	       sum(descriptors_of) != descriptors)
		turn();
	s.rounds++;
	if (s.wrong)
		not_ok("%lu bytes came back wrong", s.wrong);
}

/* bytes */
struct need {
	long small, large, resident;
};

static long
larger(long a, long b)
{
	return a > b ? a : b;
}

static void
note_need(struct need *most)
{
	most->small = larger(most->small, held(false));
	most->large = larger(most->large, held(true));
	most->resident = larger(most->resident, sum(resident_of));
}

static void
compare(const char *what, long early, long late, long growth)
{
	if (late > early + growth)
		not_ok("%s: first %ld bytes, then %ld", what, early, late);
}

static void
soak(long seconds)
{
	const long long begin = now_ms();
	struct need early = { 0, 0, 0 }, late = { 0, 0, 0 };
	long descriptors;

	/* somebody has to come for a server elsewhere to say who it is */
	descriptors = sum(descriptors_of);
	if (s.mode == FORK) {
		come_as_stranger(HALF);
		s.progress = now_ms();
		while (!__atomic_load_n(&shared->server, __ATOMIC_SEQ_CST))
			turn();
		strangers_go();
		while (__atomic_load_n(&shared->connections, __ATOMIC_SEQ_CST))
			turn();
		descriptors = sum(descriptors_of);
	}
	do {
		make_round(descriptors);
		note_need(&early);
	} while (s.rounds < 3 || now_ms() - begin < seconds * 250);
	do {
		make_round(descriptors);
		note_need(&late);
	} while (s.rounds < 5 || now_ms() - begin < seconds * 1000);

	compare("small blocks", early.small, late.small, GROWTH_SMALL);
	compare("large blocks", early.large, late.large, GROWTH_LARGE);
	if (resident_counts())
		compare("resident", early.resident, late.resident,
			GROWTH_RESIDENT);
	if (!s.messages || s.unexpected > s.visited / 10)
		not_ok("%lu messages, %lu of %lu visits in vain", s.messages,
		       s.unexpected, s.visited);
	if (s.mode == FORK && !shared->broadcasts)
		not_ok("no broadcast was heard");
	printf("ok - soak %s: %lu rounds, %lu messages, %ld descriptors after "
	       "each; small %ld then %ld, large %ld then %ld, resident %ld "
	       "then %ld bytes\n", names[s.mode], s.rounds, s.messages,
	       descriptors, early.small, late.small, early.large, late.large,
	       early.resident, late.resident);
}

/* ---- beginning and end ---- */

static struct libwebsocket_context *
make(struct libwebsocket_protocols *protocols, int *port)
{
	struct lws_context_creation_info info = {
		.port = port ? 0 : CONTEXT_PORT_NO_LISTEN,
		.iface = port ? "127.0.0.1" : NULL,
		.protocols = protocols,
		.gid = -1,
		.uid = -1,
		.event_backend = s.mode == POLL ? "external" : NULL,
		.count_threads = port && s.mode == IN_THREADS ? THREADS : 0,
	};
	struct libwebsocket_context *context =
		libwebsocket_create_context(&info);

	if (port)
		*port = info.port;
	return context;
}

static void *
serve_in_thread(void *number)
{
	while (!__atomic_load_n(&s.stop, __ATOMIC_ACQUIRE))
		lws_service_thread(s.server, 500, (unsigned)(size_t)number);
	return NULL;
}

static void
spread(void)
{
	size_t n;

	if (s.mode == IN_THREADS)
		for (n = 0; n < THREADS; n++)
			if (pthread_create(&s.threads[n], NULL, serve_in_thread,
					   (void *)n))
				not_ok("no thread");
#ifndef LWS_NO_FORK
	if (s.mode == FORK && libwebsockets_fork_service_loop(s.server))
		not_ok("no second process");
#endif
}

static void
gather(void)
{
	size_t n;

	__atomic_store_n(&s.stop, true, __ATOMIC_RELEASE);
	libwebsocket_cancel_service(s.server);
	if (s.mode == IN_THREADS)
		for (n = 0; n < THREADS; n++)
			pthread_join(s.threads[n], NULL);
	libwebsocket_context_destroy(s.client);
	libwebsocket_context_destroy(s.server);
	if (s.mode == FORK)
		waitpid(shared->server, NULL, 0);
}

static enum mode
mode_of(const char *name)
{
	int mode = PLAIN;

	while (mode <= IN_THREADS && strcmp(name, names[mode]))
		mode++;
	if (mode > IN_THREADS)
		exit(2);
#ifdef LWS_NO_FORK
	if (mode == FORK)
		exit(77);
#endif
	return (enum mode)mode;
}

static bool built_without_threads;

static void
on_error(int level, const char *line)
{
	(void)level;
	fputs(line, stderr);
	built_without_threads |= strstr(line, "--without-threads") != NULL;
}

int
main(int argc, char **argv)
{
	const struct sockaddr_in any = loopback(0);
	struct sockaddr_in at;
	socklen_t len = sizeof(at);
	long before;

	if (argc != 3)
		return 2;
	s.mode = mode_of(argv[1]);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 2;
	before = descriptors_of(getpid());
	lws_set_allocator(resize);
	lws_set_log_level(LLL_ERR, on_error);
	s.server = make(serves, &s.port);
	if (!s.server && built_without_threads)
		return 77;
	if (!s.server)
		not_ok("no server");
	spread();
	s.client = make(visits, NULL);
	if (!s.client)
		not_ok("no context for clients");
	s.refuser = bound(&any);
	getsockname(s.refuser, (struct sockaddr *)&at, &len);
	s.refused = ntohs(at.sin_port);
	soak(atol(argv[2]));
	close(s.refuser);
	gather();
	if (s.mode != FORK && (held(false) || held(true)))
		not_ok("%ld bytes are left in the end",
		       held(false) + held(true));
	if (descriptors_of(getpid()) != before)
		not_ok("descriptors are left in the end");
	return 0;
}
