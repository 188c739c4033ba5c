/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of net/lookup.c, compiled in here under names of its own, so that who
 * asks the system is a puppet: names are literals with a letter in front that
 * says what becomes of them, and nothing leaves the machine.
 *
 *	w	waits until the test lets it go on
 *	n	there is no such host
 *	anything else: answered at once
 */
#define lws_lookups_new	    own_lookups_new
#define lws_lookups_free    own_lookups_free
#define lws_lookup_start    own_lookup_start
#define lws_lookup_forget   own_lookup_forget
#define lws_lookups_collect own_lookups_collect
#define lws_addrs_ask	    puppet_ask
#define lws_plat_thread	    puppet_thread

#include "net/lookup.c"

#undef lws_plat_thread

#include <pthread.h>
#include <stdio.h>

#include "unit/sockets.h"

int lws_plat_thread(struct lws_errand *errand);

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static unsigned asking;		/* are in the system now */
static unsigned most_asking, asked, passes, running;
static unsigned refusals;	/* threads that are not to be had */

int
puppet_ask(const char *name, bool ipv6, struct addrinfo **found)
{
	const struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM,
		.ai_family = ipv6 ? AF_UNSPEC : AF_INET,
	};

	pthread_mutex_lock(&guard);
	asked++;
	asking++;
	if (asking > most_asking)
		most_asking = asking;
	pthread_cond_broadcast(&changed);
	while (*name == 'w' && !passes)
		pthread_cond_wait(&changed, &guard);
	if (*name == 'w')
		passes--;
	asking--;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&guard);
	return *name == 'n' ? EAI_NONAME
			    : getaddrinfo(name + 1, NULL, &hints, found);
}

/* An errand that is counted until it is over. */
struct counted {
	struct lws_errand errand, *real;
};

static void
run_counted(void *arg)
{
	struct counted *c = arg;

	c->real->run(c->real->arg);
	free(c);
	pthread_mutex_lock(&guard);
	running--;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&guard);
}

int
puppet_thread(struct lws_errand *errand)
{
	struct counted *c;

	if (refusals) {
		refusals--;
		return LWS_ERR_NOMEM;
	}
	c = malloc(sizeof(*c));
	assert_non_null(c);
	c->errand.run = run_counted;
	c->errand.arg = c;
	c->real = errand;
	pthread_mutex_lock(&guard);
	running++;
	pthread_mutex_unlock(&guard);
	return lws_plat_thread(&c->errand);
}

/* Wait until *@what is @value. */
static void
await(const unsigned *what, unsigned value)
{
	pthread_mutex_lock(&guard);
	while (*what != value)
		pthread_cond_wait(&changed, &guard);
	pthread_mutex_unlock(&guard);
}

static void
let_pass(unsigned n)
{
	pthread_mutex_lock(&guard);
	passes += n;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&guard);
}

/* ---- the loop ---- */

static struct lws_wake bell;
static struct lws_lookups *all;

static void
ring(void *loop)
{
	lws_plat_wake(loop);
}

/* Its allocator counts without a lock, so helpers must allocate nothing. */
static void
begin(void)
{
	asking = most_asking = asked = passes = running = refusals = 0;
	unit_allow(-1);
	unit_blocks = 0;
	assert_int_equal(lws_plat_wake_open(&bell), 0);
	all = lws_lookups_new(ring, &bell);
	assert_non_null(all);
}

/* Helpers go once no name waits, and whoever is last cleans up. */
static void
end(void)
{
	lws_lookups_free(all);
	await(&running, 0);
	assert_int_equal(unit_blocks, 0);
	lws_plat_wake_close(&bell);
}

/* who wants to know an address */
struct owner {
	struct lws_lookup *lookup;
	unsigned answers;
	bool found;
	char why[LWS_WHY_LEN], target[64];
	struct owner *forgets;	/* in its answer, whose lookup is open still */
};

static void
note_answer(void *arg, struct lws_addrs *addrs, const char *why)
{
	struct owner *o = arg;
	int fd;
	size_t which;

	o->answers++;
	o->found = addrs != NULL;
	snprintf(o->why, sizeof(o->why), "%s", why);
	if (o->forgets)
		lws_lookup_forget(o->forgets->lookup);
	if (!addrs)
		return;
	fd = lws_connect_next(addrs, NULL, &which, o->why, sizeof(o->why));
	if (fd >= 0) {
		lws_connect_target(addrs, which, o->target, sizeof(o->target));
		lws_plat_close(fd);
	}
	lws_addrs_free(addrs);
}

static bool
start(struct owner *o, const char *name)
{
	const struct lws_lookup_spec spec = {
		.host = name, .port = 7681, .done = note_answer, .owner = o,
	};

	o->lookup = lws_lookup_start(all, &spec);
	return o->lookup != NULL;
}

static void
collect(void)
{
	unit_wait(bell.read_fd, POLLIN);
	lws_plat_wake_drain(&bell);
	lws_lookups_collect(all);
}

/* ---- what it promises ---- */

static void
test_an_answer_comes_when_it_is_collected_and_once(void **state)
{
	struct owner o = { .answers = 0 };

	(void)state;
	begin();
	assert_true(start(&o, "x127.0.0.1"));
	await(&asked, 1);
	assert_int_equal(o.answers, 0);
	collect();
	assert_int_equal(o.answers, 1);
	assert_true(o.found);
	assert_string_equal(o.target, "127.0.0.1:7681");
	lws_lookups_collect(all);
	lws_lookups_collect(NULL);
	assert_int_equal(o.answers, 1);
	end();
}

static void
test_a_failure_names_the_host(void **state)
{
	static const struct {
		const char *name, *why;
	} rows[] = {
		{ "nowhere", "no such host: nowhere" },
		{ "xnot a literal", "no such host: xnot a literal" },
		{ "x999.1.1.1", "no such host: x999.1.1.1" },
	};
	struct owner o;
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		begin();
		memset(&o, 0, sizeof(o));
		assert_true(start(&o, rows[n].name));
		collect();
		assert_int_equal(o.answers, 1);
		assert_false(o.found);
		assert_string_equal(o.why, rows[n].why);
		end();
	}
}

static void
test_no_more_than_eight_are_asked_for_at_a_time(void **state)
{
	struct owner o[30];
	unsigned n, done;

	(void)state;
	begin();
	memset(o, 0, sizeof(o));
	for (n = 0; n < COUNT(o); n++)
		assert_true(start(&o[n], "w127.0.0.1"));
	await(&asking, MOST_HELPERS);
	assert_int_equal(running, MOST_HELPERS);
	let_pass(COUNT(o));
	for (done = 0; done < COUNT(o);) {
		collect();
		for (done = n = 0; n < COUNT(o); n++)
			done += o[n].answers;
	}
	assert_int_equal(most_asking, MOST_HELPERS);
	for (n = 0; n < COUNT(o); n++)
		assert_true(o[n].answers == 1 && o[n].found);
	await(&running, 0);
	end();
}

/* One that hangs holds up nobody. */
static void
test_others_overtake_one_that_hangs(void **state)
{
	struct owner slow = { .answers = 0 }, quick = { .answers = 0 };

	(void)state;
	begin();
	assert_true(start(&slow, "w127.0.0.1"));
	await(&asking, 1);
	assert_true(start(&quick, "x127.0.0.1"));
	collect();
	assert_int_equal(quick.answers, 1);
	assert_int_equal(slow.answers, 0);
	let_pass(1);
	collect();
	assert_int_equal(slow.answers, 1);
	end();
}

static void
test_what_is_forgotten_is_not_answered(void **state)
{
	struct owner o[MOST_HELPERS + 2], after = { .answers = 0 };
	unsigned n;

	(void)state;
	begin();
	memset(o, 0, sizeof(o));
	for (n = 0; n < COUNT(o); n++)
		assert_true(start(&o[n], "w127.0.0.1"));
	await(&asking, MOST_HELPERS);
	/* one that waits in line, one that is asked for */
	lws_lookup_forget(o[COUNT(o) - 1].lookup);
	lws_lookup_forget(o[0].lookup);
	let_pass(COUNT(o) - 1);
	await(&asked, COUNT(o) - 1);
	await(&running, 0);
	/* one that is answered and not collected */
	lws_lookup_forget(o[1].lookup);
	collect();
	for (n = 0; n < COUNT(o); n++)
		assert_int_equal(o[n].answers,
				 n > 1 && n < COUNT(o) - 1 ? 1 : 0);
	assert_true(start(&after, "x127.0.0.1"));
	collect();
	assert_int_equal(after.answers, 1);
	end();
}

static void
test_an_answer_may_forget_another(void **state)
{
	struct owner a = { .answers = 0 }, b = { .answers = 0 };

	(void)state;
	begin();
	assert_true(start(&a, "x127.0.0.1"));
	await(&running, 0);
	assert_true(start(&b, "x127.0.0.1"));
	await(&running, 0);
	a.forgets = &b;
	collect();
	assert_int_equal(a.answers, 1);
	assert_int_equal(b.answers, 0);
	end();
}

static void
test_the_loop_may_go_in_any_state_of_a_lookup(void **state)
{
	struct owner o[MOST_HELPERS + 3];
	unsigned n;

	(void)state;
	lws_lookups_free(NULL);
	begin();
	end();
	begin();
	memset(o, 0, sizeof(o));
	assert_true(start(&o[0], "x127.0.0.1"));
	await(&running, 0);
	for (n = 1; n < COUNT(o); n++)
		assert_true(start(&o[n], "w127.0.0.1"));
	await(&asking, MOST_HELPERS);
	lws_lookups_free(all);
	let_pass(MOST_HELPERS);
	all = NULL;
	await(&running, 0);
	assert_int_equal(asked, MOST_HELPERS + 1);
	for (n = 0; n < COUNT(o); n++)
		assert_int_equal(o[n].answers, 0);
	end();
}

static void
test_without_a_helper_there_is_no_lookup_but_one_is_enough(void **state)
{
	struct owner o[3];
	unsigned n;

	(void)state;
	begin();
	memset(o, 0, sizeof(o));
	refusals = 1;
	assert_false(start(&o[0], "x127.0.0.1"));
	assert_true(start(&o[0], "w127.0.0.1"));
	await(&asking, 1);
	refusals = 2;
	assert_true(start(&o[1], "x127.0.0.1"));
	assert_true(start(&o[2], "x127.0.0.1"));
	assert_int_equal(running, 1);
	let_pass(1);
	await(&running, 0);
	collect();
	for (n = 0; n < COUNT(o); n++)
		assert_int_equal(o[n].answers, 1);
	end();
}

static void
test_every_allocation_may_fail(void **state)
{
	struct owner o = { .answers = 0 };
	long n;

	(void)state;
	for (n = 0; n < 2; n++) {
		unit_allow(n);
		unit_blocks = 0;
		assert_null(lws_lookups_new(ring, &bell));
		assert_int_equal(unit_blocks, 0);
	}
	begin();
	unit_allow(0);
	assert_false(start(&o, "x127.0.0.1"));
	unit_allow(-1);
	assert_true(start(&o, "x127.0.0.1"));
	await(&running, 0);
	unit_allow(0);
	collect();
	unit_allow(-1);
	assert_int_equal(o.answers, 1);
	assert_false(o.found);
	assert_string_equal(o.why, "out of memory");
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_an_answer_comes_when_it_is_collected_and_once),
		cmocka_unit_test(test_a_failure_names_the_host),
		cmocka_unit_test(
			test_no_more_than_eight_are_asked_for_at_a_time),
		cmocka_unit_test(test_others_overtake_one_that_hangs),
		cmocka_unit_test(test_what_is_forgotten_is_not_answered),
		cmocka_unit_test(test_an_answer_may_forget_another),
		cmocka_unit_test(
			test_the_loop_may_go_in_any_state_of_a_lookup),
		cmocka_unit_test(
			test_without_a_helper_there_is_no_lookup_but_one_is_enough),
		cmocka_unit_test(test_every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
