/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/plat.h - everything the library needs from a system, in one list.
 *
 * plat/unix/ keeps this contract; a port adds a folder and lines in the
 * makefile.  Results are 0 or more for success, enum lws_err for failure;
 * LWS_ERR_IO leaves the reason in errno.  Nothing here blocks except the
 * functions that say so, nothing logs.  Every descriptor made is close-on-exec,
 * and non-blocking unless it may block by its nature.
 */
#ifndef LWS_PLAT_PLAT_H
#define LWS_PLAT_PLAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "base/span.h"

/* a descriptor as struct pollfd has it */
#ifdef _WIN32
typedef SOCKET lws_polled_fd;
#else
typedef int lws_polled_fd;
#endif

/* ---- socket.c: stream sockets ---- */

/* the most spans lws_plat_sendv() looks at in one call */
#define LWS_PLAT_MAX_SPANS 16

/* a new TCP socket of @family, or LWS_ERR_NOFD, LWS_ERR_IO */
int lws_plat_socket(int family);

/*
 * Bind @fd and listen, with SO_REUSEADDR; "::" is open to both families, and
 * @reuse_port lets several sockets listen on one port.  0, LWS_ERR_IO, or
 * LWS_ERR_UNSUPPORTED when the system has no such thing.
 */
int lws_plat_listen(int fd, const struct sockaddr *at, socklen_t len,
		    int backlog, bool reuse_port);

/*
 * A stream socket that listens, from whoever started us, becomes like one of
 * ours: 0, or LWS_ERR_UNSUPPORTED when it is something else.
 */
int lws_plat_adopt_listener(int fd);

/* Another descriptor of the same, or LWS_ERR_NOFD. */
int lws_plat_duplicate(int fd);

/*
 * The next connection of a listening socket, or LWS_ERR_AGAIN (none waiting,
 * or it is gone already), LWS_ERR_NOFD (out of descriptors or kernel memory),
 * LWS_ERR_IO.
 */
int lws_plat_accept(int listen_fd);

/* Have @fd leave from this address: 0, LWS_ERR_IO. */
int lws_plat_bind(int fd, const struct sockaddr *from, socklen_t len);

/* Start to connect: 0 at once, LWS_ERR_AGAIN under way, LWS_ERR_IO. */
int lws_plat_connect(int fd, const struct sockaddr *to, socklen_t len);

/* Once writable: 0 when connected, else the errno of the failure. */
int lws_plat_connect_result(int fd);

/* bytes read, 0 when the peer has finished, LWS_ERR_AGAIN, LWS_ERR_IO */
ssize_t lws_plat_recv(int fd, void *buf, size_t len);

/* the same, and what was read will be read again */
ssize_t lws_plat_peek(int fd, void *buf, size_t len);

/*
 * bytes sent of the spans in order, at least 1; LWS_ERR_AGAIN, LWS_ERR_IO.
 * Never raises SIGPIPE.  One span costs a send(), more a sendmsg().
 */
ssize_t lws_plat_sendv(int fd, const struct lws_span *v, size_t n);

/*
 * acked.c: bytes that the peer has acknowledged in all; *@waiting: are there
 * others that it has not?  0 and false where nobody knows.
 */
uint64_t lws_plat_acked(int fd, bool *waiting);

/* No more output: the peer reads end of file once it has read the rest. */
void lws_plat_shutdown(int fd);

void lws_plat_close(int fd);

/*
 * Have the socket @fd go by the number @as, whose own socket is closed by that.
 * @as; or @fd, which it keeps when the system refuses.
 */
int lws_plat_renumber(int fd, int as);

/* TCP_NODELAY: a small frame leaves at once. */
int lws_plat_nodelay(int fd);

/*
 * TCP keepalive after @idle seconds, @probes probes @interval seconds apart.
 * Systems without per-socket times only switch it on.
 */
int lws_plat_keepalive(int fd, int idle, int probes, int interval);

/* ---- ipv6.c, ipv6-none.c ---- */

/* is IPv6 part of this build? */
bool lws_plat_has_ipv6(void);

/* ---- iface.c ---- */

/*
 * Fill @out with an address of the interface called @name, or the address that
 * @name spells (IPv4 or IPv6 literal).  @family is AF_INET, AF_INET6 or
 * AF_UNSPEC, which prefers IPv4.  LWS_ERR_NOENT when there is none.  The port
 * is left 0.
 */
int lws_plat_iface_addr(const char *name, int family,
			struct sockaddr_storage *out, socklen_t *out_len);

/* ---- time.c ---- */

/*
 * ms and us of one monotonic clock with any origin.  The cheap one, ms, may
 * lag behind the other by a tick of the system's timer: 10 ms at most.
 */
uint64_t lws_plat_now_ms(void);
uint64_t lws_plat_now_us(void);

/* ---- random.c ---- */

/* Open SYSTEM_RANDOM_FILEPATH: a descriptor or LWS_ERR_IO. */
int lws_plat_random_open(void);

/* Fill all @len bytes or fail with LWS_ERR_IO; may block at boot. */
int lws_plat_random(int random_fd, void *buf, size_t len);
void lws_plat_random_close(int random_fd);

/* ---- limits.c ---- */

/* most descriptors this process may have open, at least 1 */
unsigned lws_plat_max_fds(void);

/* ---- wake-eventfd.c, wake-pipe.c: waking a loop from elsewhere ---- */

struct lws_wake {
	int read_fd;	/* readable once woken */
	int write_fd;	/* may be the same */
};

int lws_plat_wake_open(struct lws_wake *w);

/* From any thread and from signal handlers; errno is preserved. */
void lws_plat_wake(const struct lws_wake *w);

void lws_plat_wake_drain(const struct lws_wake *w);
void lws_plat_wake_close(struct lws_wake *w);

/* ---- thread.c, thread-none.c: helpers for what can only block ---- */

/* are threads part of this build? */
bool lws_plat_has_threads(void);

/* something that no other thread has while the calling one lives */
const void *lws_plat_me(void);

struct lws_errand {
	void (*run)(void *arg);
	void *arg;
};

/*
 * Have an errand, which must stay until it runs, run by a thread of its own
 * that nobody waits for and that handles no signals: 0, LWS_ERR_NOMEM, or
 * LWS_ERR_UNSUPPORTED.
 */
int lws_plat_thread(struct lws_errand *errand);

/*
 * A lock between threads, or NULL.  Whoever has it may unlock and, knowing that
 * nobody will lock it any more, free it.
 */
struct lws_lock;
struct lws_lock *lws_plat_lock_new(void);
void lws_plat_lock(struct lws_lock *lock);
void lws_plat_unlock(struct lws_lock *lock);
void lws_plat_lock_free(struct lws_lock *lock);

/* ---- file.c: the files the HTTP side serves ---- */

/*
 * Open a regular file for reading: a descriptor with *@size filled, or
 * LWS_ERR_NOENT (also: not a regular file), LWS_ERR_ACCESS, LWS_ERR_NOFD,
 * LWS_ERR_IO.  May block as the file system does.
 */
int lws_plat_file_open(const char *path, uint64_t *size);

/* bytes read, 0 at the end, LWS_ERR_IO */
ssize_t lws_plat_file_read(int fd, void *buf, size_t len);
void lws_plat_file_close(int fd);

/* ---- privileges.c ---- */

/*
 * Root becomes group @gid, joins the groups of user @uid, and becomes user
 * @uid, in this order; -1 leaves one as it is, and who stays root keeps his
 * groups.  LWS_ERR_ACCESS when root cannot.  Who is not root carries on as he
 * is, whatever was asked: 0.
 */
int lws_plat_drop_privileges(int uid, int gid);

/* ---- process.c ---- */

/*
 * Sockets work from start to stop: 0, or LWS_ERR_IO.  Once for every context,
 * each of which stops what it started.
 */
int lws_plat_start(void);
void lws_plat_stop(void);

/* What a value of errno means, in words that stay valid until the next call. */
const char *lws_plat_error_text(int error);

/* SIGPIPE gets a handler that does nothing, unless there is one already. */
void lws_plat_ignore_sigpipe(void);

/* Fill @buf with the host's name, or "unknown"; always terminated. */
void lws_plat_hostname(char *buf, size_t len);

/* ---- daemonize.c, daemonize-none.c: beside lws_daemonize() ---- */

/* Is this the daemon, or a process that comes from it? */
bool lws_plat_is_daemon(void);

/* In such a process whose daemon has died: SIGTERM. */
void lws_plat_end_orphan(void);

/* ---- fork.c: missing where stage/fork-none.c is ---- */

/* the other of two processes, after a fork */
struct lws_kin {
	int fd;		/* messages to the child, or from the parent */
	int life;	/* breaks when the child dies */
	pid_t pid;	/* of the other */
	bool child;	/* we are it */
	bool polled;	/* the child has to ask: lws_plat_kin_gone() */
	bool over;	/* the child's: the parent is gone */
};

/*
 * Fork and fill @kin in both processes, in the child with child set: 0, or
 * LWS_ERR_IO and there is one process, as before.
 */
int lws_plat_fork(struct lws_kin *kin);

/*
 * The child: signals that tell of the end wake it from now on; was there one?
 * Is the parent gone?  Tell the parent that all is well; leave, at once.
 */
void lws_plat_kin_follow(const struct lws_kin *kin,
			 const struct lws_wake *wake);
bool lws_plat_kin_told(void);
bool lws_plat_kin_gone(const struct lws_kin *kin);
void lws_plat_kin_ready(const struct lws_kin *kin);
void lws_plat_leave(int status);

/*
 * The parent: wait until the child is ready; from then on its death sends this
 * process SIGTERM.  LWS_ERR_IO: it could not, and nothing is left of it.
 */
int lws_plat_kin_wait(struct lws_kin *kin);

/*
 * One message of the @n spans: 0, LWS_ERR_TIMEOUT when the child takes nothing
 * for AWAITING_TIMEOUT seconds, LWS_ERR_IO.  Blocks; any thread.
 */
int lws_plat_kin_send(const struct lws_kin *kin, const struct lws_span *v,
		      size_t n);

/* Does the child live?  Any thread, async-signal-safe. */
bool lws_plat_kin_alive(const struct lws_kin *kin);

/* End it; waits for that, and kills it when it does not. */
void lws_plat_kin_close(struct lws_kin *kin);

#endif
