// SPDX-License-Identifier: GPL-2.0-only
/* Judge many modules, with as many threads as there are CPUs. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "util.h"

#define THREADS_MAX	64

struct pool {
	const struct check_job *job;
	struct check_result *results;
	atomic_size_t next, done;
	pthread_mutex_t lock;
	pthread_cond_t ended;		/* a thread has come to its end */
	unsigned int running;
};

static void compare_types(const struct check_job *job, const struct module_file *m,
			  struct check_result *r)
{
	const struct btf *split;
	struct btf *own;

	if (check_and_split(job->made_for, m, &own, NULL, 0) != MODULE_FITS)
		return;
	split = own;
	r->compared = true;
	if (!base_diff_same(job->diff, split, NULL))
		r->n_uses = base_diff_uses(job->diff, &split, 1, false, &r->uses);
	btf__free(own);
}

static void check_file(const struct check_job *job, struct check_result *r)
{
	struct module_file m;

	if (module_file_read(r->path, &m, r->why, sizeof(r->why))) {
		r->verdict = MODULE_BROKEN;
		r->unread = access(r->path, R_OK);
		return;
	}
	r->name = m.name;
	m.name = NULL;
	r->verdict = check_module(job->base, &m, r->why, sizeof(r->why));
	if (job->made_for && (r->verdict == MODULE_FITS || r->verdict == MODULE_OTHER_BUILD))
		compare_types(job, &m, r);
	module_file_free(&m);
}

static void *work(void *arg)
{
	struct pool *pool = arg;
	size_t i;

	while ((i = atomic_fetch_add(&pool->next, 1)) < pool->job->n) {
		check_file(pool->job, &pool->results[i]);
		atomic_fetch_add(&pool->done, 1);
	}
	pthread_mutex_lock(&pool->lock);
	pool->running--;
	pthread_cond_signal(&pool->ended);
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

/* Until all threads have ended; after the first second, say how far they are. */
static void wait_for_threads(struct pool *pool)
{
	bool progress = pool->job->progress && isatty(STDERR_FILENO), said = false;
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	pthread_mutex_lock(&pool->lock);
	while (pool->running) {
		until.tv_sec++;
		if (!progress) {
			pthread_cond_wait(&pool->ended, &pool->lock);
			continue;
		}
		if (!pthread_cond_timedwait(&pool->ended, &pool->lock, &until))
			continue;
		fprintf(stderr, "\r%zu of %zu modules", atomic_load(&pool->done), pool->job->n);
		said = true;
	}
	pthread_mutex_unlock(&pool->lock);
	if (said)
		fprintf(stderr, "\r\033[K");
}

struct check_result *check_files(const struct check_job *job)
{
	struct pool pool = { .job = job, .lock = PTHREAD_MUTEX_INITIALIZER,
			     .ended = PTHREAD_COND_INITIALIZER };
	long i, n = sysconf(_SC_NPROCESSORS_ONLN);
	pthread_t threads[THREADS_MAX];
	size_t j;

	pool.results = xcalloc(job->n, sizeof(*pool.results));
	for (j = 0; j < job->n; j++)
		pool.results[j].path = job->paths[j];
	if (n > THREADS_MAX)
		n = THREADS_MAX;
	if (n > (long)job->n)
		n = job->n;
	for (i = 0; i < n; i++) {
		pthread_mutex_lock(&pool.lock);
		pool.running++;
		pthread_mutex_unlock(&pool.lock);
		if (!pthread_create(&threads[i], NULL, work, &pool))
			continue;
		pthread_mutex_lock(&pool.lock);
		pool.running--;
		pthread_mutex_unlock(&pool.lock);
		break;
	}
	n = i;
	/* No threads to be had: it is slower, that is all. */
	if (!n) {
		pool.running = 1;
		work(&pool);
	}
	wait_for_threads(&pool);
	for (i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	return pool.results;
}

/* check_results_free() - free @n results */
void check_results_free(struct check_result *results, size_t n)
{
	size_t i;

	for (i = 0; results && i < n; i++) {
		free(results[i].name);
		base_uses_free(results[i].uses, results[i].n_uses);
	}
	free(results);
}
