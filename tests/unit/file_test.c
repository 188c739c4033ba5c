/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of plat/unix/file.c, in a directory of their own. */
#include "unit/sockets.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

static char dir[] = "/tmp/lws-file-test-XXXXXX";

static int
enter_new_directory(void **state)
{
	(void)state;
	return !mkdtemp(dir) || chmod(dir, 0755) || chdir(dir);
}

static int
leave_directory(void **state)
{
	(void)state;
	return chdir("/") || rmdir(dir);
}

static void
make_file(const char *path, const void *bytes, size_t len)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static void
test_a_file_has_its_size_and_its_bytes(void **state)
{
	static const size_t sizes[] = { 0, 1, 4096, 100001 };
	static char bytes[100001], got[100002];
	uint64_t size;
	size_t n, len;
	ssize_t part;
	int fd;

	(void)state;
	for (n = 0; n < sizeof(bytes); n++)
		bytes[n] = (char)(n * 7);
	for (n = 0; n < COUNT(sizes); n++) {
		make_file("f", bytes, sizes[n]);
		size = 1;
		fd = lws_plat_file_open("f", &size);
		assert_true(fd >= 0);
		assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
		assert_true(size == sizes[n]);
		for (len = 0; len < size; len += (size_t)part) {
			part = lws_plat_file_read(fd, got + len, 3000);
			assert_true(part > 0 && part <= 3000);
		}
		assert_int_equal(lws_plat_file_read(fd, got + len, 1), 0);
		assert_memory_equal(got, bytes, len);
		lws_plat_file_close(fd);
	}
	unlink("f");
}

static void
test_sizes_beyond_32_bits_are_told(void **state)
{
	const uint64_t want = 5000000001u;
	uint64_t size = 0;
	int fd;

	(void)state;
	make_file("big", "", 0);
	if (truncate("big", (off_t)want)) {
		unlink("big");
		skip();
	}
	fd = lws_plat_file_open("big", &size);
	unlink("big");
	assert_true(fd >= 0);
	assert_true(size == want);
	lws_plat_file_close(fd);
}

static void
test_what_is_not_there_is_not_found(void **state)
{
	char longest[5000];
	uint64_t size;

	(void)state;
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	make_file("f", "x", 1);
	assert_int_equal(lws_plat_file_open("absent", &size), LWS_ERR_NOENT);
	assert_int_equal(lws_plat_file_open("", &size), LWS_ERR_NOENT);
	assert_int_equal(lws_plat_file_open("f/g", &size), LWS_ERR_NOENT);
	assert_int_equal(lws_plat_file_open(longest, &size), LWS_ERR_NOENT);
	unlink("f");
}

static void
test_only_regular_files_are_files(void **state)
{
	uint64_t size = 77;

	(void)state;
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(symlink("loop", "loop"), 0);
	assert_int_equal(lws_plat_file_open(".", &size), LWS_ERR_NOENT);
	assert_int_equal(lws_plat_file_open("fifo", &size), LWS_ERR_NOENT);
	assert_int_equal(lws_plat_file_open("loop", &size), LWS_ERR_NOENT);
	assert_int_equal(lws_plat_file_open("/dev/null", &size),
			 LWS_ERR_NOENT);
	assert_true(size == 77);
	unlink("fifo");
	unlink("loop");
}

static void
test_a_link_leads_to_its_file(void **state)
{
	uint64_t size;
	int fd;

	(void)state;
	make_file("f", "abc", 3);
	assert_int_equal(symlink("f", "link"), 0);
	fd = lws_plat_file_open("link", &size);
	assert_true(fd >= 0 && size == 3);
	lws_plat_file_close(fd);
	unlink("link");
	unlink("f");
}

static void
test_a_file_we_may_not_read_is_not_permitted(void **state)
{
	const uid_t me = geteuid();
	uint64_t size;
	int rc;

	(void)state;
	make_file("secret", "x", 1);
	assert_int_equal(chmod("secret", 0), 0);
	if (!me)
		assert_int_equal(seteuid(65534), 0);
	rc = lws_plat_file_open("secret", &size);
	if (!me)
		assert_int_equal(seteuid(me), 0);
	assert_int_equal(rc, LWS_ERR_ACCESS);
	unlink("secret");
}

static void
test_no_descriptor_left_is_told_apart(void **state)
{
	struct rlimit old;
	uint64_t size;
	int rc;

	(void)state;
	make_file("f", "x", 1);
	old = unit_exhaust_fds();
	rc = lws_plat_file_open("f", &size);
	unit_restore_fds(old);
	assert_int_equal(rc, LWS_ERR_NOFD);
	unlink("f");
}

static void
test_refusals_leave_no_descriptor_behind(void **state)
{
	const int before = dup(STDIN_FILENO);
	uint64_t size;
	int after;

	(void)state;
	close(before);
	assert_int_equal(lws_plat_file_open(".", &size), LWS_ERR_NOENT);
	after = dup(STDIN_FILENO);
	close(after);
	assert_int_equal(after, before);
}

static void
test_reading_what_cannot_be_read_is_an_error(void **state)
{
	char c;

	(void)state;
	assert_int_equal(lws_plat_file_read(-1, &c, 1), LWS_ERR_IO);
	assert_int_equal(errno, EBADF);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_file_has_its_size_and_its_bytes),
		cmocka_unit_test(test_sizes_beyond_32_bits_are_told),
		cmocka_unit_test(test_what_is_not_there_is_not_found),
		cmocka_unit_test(test_only_regular_files_are_files),
		cmocka_unit_test(test_a_link_leads_to_its_file),
		cmocka_unit_test(test_a_file_we_may_not_read_is_not_permitted),
		cmocka_unit_test(test_no_descriptor_left_is_told_apart),
		cmocka_unit_test(test_refusals_leave_no_descriptor_behind),
		cmocka_unit_test(test_reading_what_cannot_be_read_is_an_error),
	};

	return cmocka_run_group_tests(tests, enter_new_directory,
				      leave_directory);
}
