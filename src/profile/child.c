// SPDX-License-Identifier: Apache-2.0
#include "profile/child.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "net/http_client.h"
#include "profile/driven.h"

#define NS_PER_S 1e9

/* How often an end or a beginning is looked for, and how long one look may take. */
static const double LOOK_S = 0.02, PROBE_EVERY_S = 0.1, PROBE_TIMEOUT_S = 5;
/* After the last resort a process is gone at once, unless the kernel holds it. */
static const double KILL_PATIENCE_S = 5;

enum { WORDS_MAX = 400 };

static int open_log(void)
{
	char path[] = "/tmp/slicewise-engine-XXXXXX";
	int fd = mkostemp(path, O_CLOEXEC | O_APPEND);

	if (fd >= 0)
		(void)unlink(path);
	return fd;
}

static int set_up_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none, defaults;
	int failed = posix_spawnattr_init(attributes);

	(void)sigemptyset(&none);
	(void)sigfillset(&defaults);
	if (!failed)
		failed = posix_spawnattr_setpgroup(attributes, 0);
	if (!failed)
		failed = posix_spawnattr_setsigmask(attributes, &none);
	if (!failed)
		failed = posix_spawnattr_setsigdefault(attributes, &defaults);
	if (!failed)
		failed = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP |
								      POSIX_SPAWN_SETSIGMASK |
								      POSIX_SPAWN_SETSIGDEF);
	return failed;
}

static int set_up_files(posix_spawn_file_actions_t *files, int log)
{
	int failed = posix_spawn_file_actions_init(files);

	if (!failed)
		failed = posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null",
							  O_RDONLY, 0);
	if (!failed)
		failed = posix_spawn_file_actions_adddup2(files, log, STDOUT_FILENO);
	if (!failed)
		failed = posix_spawn_file_actions_adddup2(files, log, STDERR_FILENO);
	return failed;
}

static int spawn(char *const *argv, char *const *envp, int log, pid_t *pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	int failed = set_up_attributes(&attributes);

	if (failed)
		return failed;
	failed = set_up_files(&files, log);
	if (!failed) {
		failed = posix_spawnp(pid, argv[0], &files, &attributes, argv, envp);
		(void)posix_spawn_file_actions_destroy(&files);
	}
	(void)posix_spawnattr_destroy(&attributes);
	return failed;
}

/* A child has its parent's CPUs, so this thread borrows the child's for the moment of its birth. */
static int spawn_on(char *const *argv, char *const *envp, int log, const unsigned *cpus,
		    size_t n_cpus, pid_t *pid)
{
	cpu_set_t own, wanted;
	int failed;

	if (n_cpus == 0)
		return spawn(argv, envp, log, pid);
	CPU_ZERO(&wanted);
	for (size_t i = 0; i < n_cpus; i++)
		CPU_SET(cpus[i], &wanted);
	if (sched_getaffinity(0, sizeof(own), &own) != 0 ||
	    sched_setaffinity(0, sizeof(wanted), &wanted) != 0)
		return errno;
	failed = spawn(argv, envp, log, pid);
	(void)sched_setaffinity(0, sizeof(own), &own);
	return failed;
}

enum sw_status sw__child_start(char *const *argv, char *const *envp, const unsigned *cpus,
			       size_t n_cpus, struct sw__child *out, struct sw_error *err)
{
	int failed;

	*out = (struct sw__child){.log = open_log()};
	if (out->log < 0)
		return sw_fail(err, SW_IO, "/tmp: cannot create a file: %s", strerror(errno));
	failed = spawn_on(argv, envp, out->log, cpus, n_cpus, &out->pid);
	if (!failed)
		return SW_OK;
	(void)close(out->log);
	*out = (struct sw__child){0};
	return sw_fail(err, SW_IO, "%s: cannot start: %s", argv[0], strerror(failed));
}

bool sw__child_ended(struct sw__child *child)
{
	if (child->pid && !child->ended)
		child->ended = waitpid(child->pid, &child->status, WNOHANG) == child->pid;
	return child->ended || !child->pid;
}

const char *sw__child_words(const struct sw__child *child, char *out, size_t capacity)
{
	off_t size = lseek(child->log, 0, SEEK_END);
	off_t from = size > (off_t)capacity - 1 ? size - (off_t)capacity + 1 : 0;
	ssize_t got = size > 0 ? pread(child->log, out, capacity - 1, from) : 0;
	size_t n = got > 0 ? (size_t)got : 0;

	while (n && strchr(" \t\r\n", out[n - 1]))
		n--;
	out[n] = '\0';
	for (size_t i = 0; i < n; i++) {
		if ((unsigned char)out[i] < ' ' || out[i] == 0x7f)
			out[i] = out[i] == '\n' ? '|' : ' ';
	}
	return out;
}

const char *sw__child_fate(const struct sw__child *child, char *out, size_t capacity)
{
	char words[WORDS_MAX];
	bool signalled = WIFSIGNALED(child->status);

	(void)sw__child_words(child, words, sizeof(words));
	(void)snprintf(out, capacity, "%s %d%s%s",
		       signalled ? "was ended by signal" : "ended with status",
		       signalled ? WTERMSIG(child->status) : WEXITSTATUS(child->status),
		       *words ? ": " : "", words);
	return out;
}

static bool ends_within(struct sw__child *child, double patience_s)
{
	uint64_t until = sw__http_now_ns() + (uint64_t)(patience_s * NS_PER_S);

	while (!sw__child_ended(child)) {
		if (sw__http_now_ns() >= until)
			return false;
		sw__sleep_s(LOOK_S);
	}
	return true;
}

void sw__child_stop(struct sw__child *child, double patience_s)
{
	if (!child->pid)
		return;
	if (!sw__child_ended(child)) {
		(void)kill(-child->pid, SIGTERM);
		(void)kill(-child->pid, SIGCONT); /* who is held by a quota cannot hear */
		(void)ends_within(child, patience_s);
	}
	/* What is left of the group, too: it may have outlived its leader. Nobody else has this number while a member lives. */
	(void)kill(-child->pid, SIGKILL);
	(void)ends_within(child, KILL_PATIENCE_S);
	(void)close(child->log);
	*child = (struct sw__child){0};
}

enum sw_status sw__free_port(unsigned *port, struct sw_error *err)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool found = fd >= 0 && bind(fd, (struct sockaddr *)&address, size) == 0 &&
		     getsockname(fd, (struct sockaddr *)&address, &size) == 0;
	int why = errno;

	if (fd >= 0)
		(void)close(fd);
	*port = ntohs(address.sin_port);
	return found ? SW_OK : sw_fail(err, SW_IO, "no free port: %s", strerror(why));
}

static bool no_body(void *owner, const struct sw__http_head *head, const char *bytes, size_t n,
		    uint64_t at_ns)
{
	(void)owner, (void)head, (void)bytes, (void)n, (void)at_ns;
	return true;
}

static void on_ended(void *owner, const struct sw__http_end *end)
{
	int *status = owner;

	*status = end->fate == SW__HTTP_ANSWERED ? end->status : 0;
}

static bool answers(sw__http_client *client, const char *url)
{
	static const struct sw__http_handler handler = {no_body, on_ended};
	int status = 0;
	struct sw__http_request request = {
		.url = url, .timeout_s = PROBE_TIMEOUT_S, .handler = &handler, .owner = &status};

	if (sw__http_client_send(client, &request, NULL) != SW_OK)
		return false;
	while (sw__http_client_active(client))
		sw__http_client_poll(client, sw__http_now_ns() + (uint64_t)NS_PER_S);
	return status == 200;
}

enum sw_status sw__child_ready(struct sw__child *child, const char *url, double patience_s,
			       const atomic_bool *stop, struct sw_error *err)
{
	uint64_t until = sw__http_now_ns() + (uint64_t)(patience_s * NS_PER_S);
	sw__http_client *client;
	char fate[2 * WORDS_MAX];
	enum sw_status st = sw__http_client_new(&client, err);

	if (st != SW_OK)
		return st;
	while (st == SW_OK && !answers(client, url)) {
		if (sw__child_ended(child))
			st = sw_fail(err, SW_IO, "it %s before it was ready",
				     sw__child_fate(child, fate, sizeof(fate)));
		else if (atomic_load(stop))
			st = sw_fail(err, SW_IO, "stopped");
		else if (sw__http_now_ns() >= until)
			st = sw_fail(err, SW_IO, "%s does not answer 200 within %g s; it said: %s",
				     url, patience_s, sw__child_words(child, fate, WORDS_MAX));
		sw__sleep_s(st == SW_OK ? PROBE_EVERY_S : 0);
	}
	sw__http_client_free(client);
	return st;
}
