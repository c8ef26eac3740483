// What io_uring or SO_BUSY_POLL would save the generator: a closed loop of 64 connections, bare of all recording, over epoll, over epoll
// with sockets that poll their device's queue before they sleep, or over io_uring.
//
// It is an experiment and no part of any build. With liburing 2.3 or newer, against the server of the accuracy bench on another core:
//
//   CLAIMBENCH_ACCURACY_ROLE=server taskset -c 1 target/release/deps/accuracy-HASH     # prints its port
//   cc -O2 -o bare benches/experiments/io_uring.c -luring
//   for way in epoll busy_poll io_uring; do taskset -c 0 ./bare PORT $way 1; done      # alternating, often
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <liburing.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

enum { CONNECTIONS = 64, BUFFERS = 256, BUFFER_BYTES = 2048, ENTRIES = 256, SEND = 1000 };
static const char request[] = "GET /plain HTTP/1.1\r\nhost: 127.0.0.1:8080\r\n\r\n";
static const size_t request_bytes = sizeof request - 1;
static int sockets[CONNECTIONS];
static unsigned long answers;
static double end_s;

static double now_s(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec * 1e-9;
}

static void must(int ok, const char *what) {
    if (!ok) {
        perror(what);
        exit(1);
    }
}

static void open_all(int port) {
    for (int i = 0; i < CONNECTIONS; i++) {
        struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = { htonl(INADDR_LOOPBACK) } };
        sockets[i] = socket(AF_INET, SOCK_STREAM, 0);
        must(connect(sockets[i], (struct sockaddr *)&to, sizeof to) == 0, "connect");
        setsockopt(sockets[i], IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
        setsockopt(sockets[i], IPPROTO_TCP, TCP_CONGESTION, "reno", 4);
    }
}

// As the generator does it: edges, one receive and one send for each answer, two looks at the clock.
static void with_epoll(int busy_poll_us) {
    static char buffer[64 * 1024];
    struct epoll_event events[ENTRIES];
    int poller = epoll_create1(0);
    for (int i = 0; i < CONNECTIONS; i++) {
        struct epoll_event event = { EPOLLIN | EPOLLRDHUP | EPOLLET, { .u64 = i } };
        fcntl(sockets[i], F_SETFL, O_NONBLOCK);
        if (busy_poll_us) {
            must(setsockopt(sockets[i], SOL_SOCKET, SO_BUSY_POLL, &busy_poll_us, sizeof busy_poll_us) == 0, "SO_BUSY_POLL");
            must(setsockopt(sockets[i], SOL_SOCKET, SO_PREFER_BUSY_POLL, &(int){ 1 }, sizeof(int)) == 0, "SO_PREFER_BUSY_POLL");
        }
        epoll_ctl(poller, EPOLL_CTL_ADD, sockets[i], &event);
        send(sockets[i], request, request_bytes, MSG_NOSIGNAL);
    }
    while (now_s() < end_s) {
        int ready = epoll_pwait2(poller, events, ENTRIES, &(struct timespec){ 1, 0 }, NULL);
        for (int i = 0; i < ready; i++) {
            int one = sockets[events[i].data.u64];
            if (recv(one, buffer, sizeof buffer, 0) <= 0) continue;
            now_s();
            answers++;
            now_s();
            send(one, request, request_bytes, MSG_NOSIGNAL);
        }
    }
}

static struct io_uring ring;

static void queue(int i, int sends) {
    struct io_uring_sqe *entry = io_uring_get_sqe(&ring);
    if (!entry) {
        io_uring_submit(&ring);
        entry = io_uring_get_sqe(&ring);
    }
    if (sends) {
        io_uring_prep_send(entry, i, request, request_bytes, MSG_NOSIGNAL);
        entry->flags |= IOSQE_FIXED_FILE | IOSQE_CQE_SKIP_SUCCESS;
    } else {
        io_uring_prep_recv_multishot(entry, i, NULL, 0, 0);
        entry->flags |= IOSQE_FIXED_FILE | IOSQE_BUFFER_SELECT;
    }
    entry->user_data = sends ? SEND + i : i;
}

// One enter sends a whole batch and waits for the next; receives stay armed and take buffers from a ring.
static void with_io_uring(void) {
    struct io_uring_params how = { .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE,
                                   .cq_entries = 4 * ENTRIES };
    must(io_uring_queue_init_params(ENTRIES, &ring, &how) == 0, "io_uring");
    io_uring_register_ring_fd(&ring);
    must(io_uring_register_files(&ring, sockets, CONNECTIONS) == 0, "files");
    struct io_uring_buf_ring *buffers = aligned_alloc(4096, BUFFERS * sizeof(struct io_uring_buf));
    struct io_uring_buf_reg registration = { .ring_addr = (unsigned long)buffers, .ring_entries = BUFFERS, .bgid = 0 };
    must(io_uring_register_buf_ring(&ring, &registration, 0) == 0, "buffers");
    io_uring_buf_ring_init(buffers);
    char *memory = malloc(BUFFERS * BUFFER_BYTES);
    int mask = io_uring_buf_ring_mask(BUFFERS);
    for (int i = 0; i < BUFFERS; i++) io_uring_buf_ring_add(buffers, memory + i * BUFFER_BYTES, BUFFER_BYTES, i, mask, i);
    io_uring_buf_ring_advance(buffers, BUFFERS);
    for (int i = 0; i < CONNECTIONS; i++) {
        queue(i, 0);
        queue(i, 1);
    }
    while (now_s() < end_s) {
        struct io_uring_cqe *done;
        unsigned head, seen = 0;
        int returned = 0;
        io_uring_submit_and_wait(&ring, 1);
        io_uring_for_each_cqe(&ring, head, done) {
            seen++;
            if (done->user_data >= SEND || done->res <= 0) continue;
            int i = done->user_data, id = done->flags >> IORING_CQE_BUFFER_SHIFT;
            io_uring_buf_ring_add(buffers, memory + id * BUFFER_BYTES, BUFFER_BYTES, id, mask, returned++);
            if (!(done->flags & IORING_CQE_F_MORE)) queue(i, 0);
            now_s();
            answers++;
            now_s();
            queue(i, 1);
        }
        io_uring_buf_ring_advance(buffers, returned);
        io_uring_cq_advance(&ring, seen);
    }
}

int main(int count, char **words) {
    must(count == 4, "usage: bare PORT epoll|busy_poll|io_uring SECONDS");
    open_all(atoi(words[1]));
    end_s = now_s() + atof(words[3]);
    if (strcmp(words[2], "io_uring") == 0) with_io_uring(); else with_epoll(strcmp(words[2], "busy_poll") == 0 ? 50 : 0);
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    double cpu_us = (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 + used.ru_utime.tv_usec + used.ru_stime.tv_usec;
    printf("%s: %.2f us CPU a request, %lu requests\n", words[2], cpu_us / answers, answers);
}
