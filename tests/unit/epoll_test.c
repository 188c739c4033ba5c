/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of event/epoll.c: the contract, then what the kernel may refuse.
 * Nothing to test on systems without it.
 */
#include "unit/event_contract.h"

static int
choose(void **state)
{
	(void)state;
	backend = lws_event_find("epoll");
	return 0;
}

static void
test_the_set_is_closed_on_exec(void **state)
{
	struct lws_events ev;

	(void)state;
	assert_int_equal(backend->init(&ev, 10), 0);
	assert_true(fcntl(ev.fd, F_GETFD) & FD_CLOEXEC);
	backend->fini(&ev);
	assert_int_equal(ev.fd, -1);
}

static void
test_more_ready_ones_than_a_batch_take_turns(void **state)
{
	enum { MANY = 600 };
	static struct lws_ready out[MANY];
	static int fds[MANY];
	static uint32_t slots[MANY];
	static bool seen[4096];
	struct lws_events ev;
	int n, i, got, total = 0;

	(void)state;
	assert_int_equal(backend->init(&ev, MANY), 0);
	for (n = 0; n < MANY; n++) {
		fds[n] = socket(AF_INET, SOCK_DGRAM, 0);
		assert_true(fds[n] >= 0 && fds[n] < (int)COUNT(seen));
		assert_int_equal(backend->set(&ev, fds[n], &slots[n],
					      LWS_EV_ABSENT, POLLOUT), 0);
	}
	for (n = 0; n < 20 && total < MANY; n++) {
		got = backend->wait(&ev, 0, out, MANY);
		assert_true(got > 0);
		for (i = 0; i < got; i++) {
			total += !seen[out[i].fd];
			seen[out[i].fd] = true;
		}
	}
	assert_int_equal(total, MANY);
	for (n = 0; n < MANY; n++)
		close(fds[n]);
	backend->fini(&ev);
}

static void
test_what_the_kernel_refuses_is_an_error(void **state)
{
	struct lws_events ev;
	uint32_t slot = 0;
	int fd;

	(void)state;
	assert_int_equal(backend->init(&ev, 10), 0);
	fd = dup(STDIN_FILENO);
	close(fd);
	assert_int_equal(backend->set(&ev, fd, &slot, LWS_EV_ABSENT, POLLIN),
			 LWS_ERR_IO);
	assert_int_equal(errno, EBADF);
	assert_int_equal(backend->set(&ev, fd, &slot, POLLIN, POLLOUT),
			 LWS_ERR_IO);
	/* whoever closed it behind our back took it out of the set */
	assert_int_equal(backend->set(&ev, fd, &slot, POLLIN, LWS_EV_ABSENT),
			 0);
	backend->fini(&ev);
}

static void
test_without_descriptors_there_is_no_set(void **state)
{
	const struct rlimit old = unit_exhaust_fds();
	struct lws_events ev;
	const int rc = backend->init(&ev, 10);

	(void)state;
	unit_restore_fds(old);
	assert_int_equal(rc, LWS_ERR_IO);
	assert_int_equal(errno, EMFILE);
}

int
main(void)
{
	const struct CMUnitTest own[] = {
		cmocka_unit_test(test_the_set_is_closed_on_exec),
		cmocka_unit_test(
			test_more_ready_ones_than_a_batch_take_turns),
		cmocka_unit_test(test_what_the_kernel_refuses_is_an_error),
		cmocka_unit_test(test_without_descriptors_there_is_no_set),
	};

	if (!lws_event_find("epoll"))
		return 77;	/* what make check takes for a skipped test */
	return cmocka_run_group_tests(event_contract, choose, NULL) +
	       cmocka_run_group_tests(own, choose, NULL);
}
