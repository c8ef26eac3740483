//! The rooms of a stream at work: who is there, which messages are under way, and what has come of them.

use super::form::Heard;
use super::order::{Came, Order};
use super::outcome::Deliveries;
use super::stamp::Stamp;
use super::{Audience, FanOutSpec, UNDER_WAY_MAX};
use crate::http1::connection::{Membership, Pending};
use crate::websocket::handshake::Handshake;
use crate::window::Window;

/// A message under way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sending {
    pub(crate) request: Pending,
    pub(crate) sent_ns: u64,
    pub(crate) first_ns: Option<u64>,
    /// Whether its own sender has it.
    acknowledged: bool,
    pub(crate) deadline_ns: u64,
    room: u32,
    expected: u32,
    missing: u32,
}

/// The rooms of one stream.
#[derive(Debug)]
pub(crate) struct Rooms {
    pub(crate) spec: FanOutSpec,
    pub(crate) deliveries: Deliveries,
    pub(crate) window: Window,
    handshakes: Vec<Handshake>,
    /// The number of the worker's connection that is the first of the stream.
    first_connection: usize,
    run: u32,
    /// Members connected, by room.
    connected: Vec<u32>,
    /// The last number of each sender.
    sequences: Vec<u32>,
    /// For each member and each sender of its room.
    orders: Vec<Order>,
    /// For each member the number of the last message, where the server numbers them.
    numbers: Vec<u64>,
    /// Messages under way; number n at n modulo the length.
    under_way: Vec<Option<Sending>>,
    oldest: u64,
    next: u64,
    /// The message to be sent, with the stamp at its beginning.
    message: Vec<u8>,
}

impl Rooms {
    pub(crate) fn new(spec: &FanOutSpec, host: &str, nonce: [u8; 16], connections: u32) -> Result<Self, String> {
        let handshake = |room| Handshake::new(&spec.path_of(room), &spec.headers, host, nonce);
        let nowhere = Window { start_ns: 0, end_ns: 0 };
        Ok(Self {
            deliveries: Deliveries::new(spec.rooms, nowhere),
            window: nowhere,
            handshakes: (0..spec.rooms).map(handshake).collect::<Result<_, _>>()?,
            first_connection: 0,
            run: 0,
            connected: vec![0; spec.rooms as usize],
            sequences: vec![0; spec.senders() as usize],
            orders: vec![Order::default(); connections as usize * spec.senders_per_room as usize],
            numbers: vec![0; connections as usize],
            under_way: vec![None; UNDER_WAY_MAX],
            oldest: 0,
            next: 0,
            message: [spec.form.prefix(), &vec![b'x'; spec.message_bytes as usize]].concat(),
            spec: spec.clone(),
        })
    }

    pub(crate) const fn set_first_connection(&mut self, index: usize) {
        self.first_connection = index;
    }

    /// The load begins. `run` marks its messages.
    pub(crate) fn start(&mut self, run: u32, window: Window) {
        self.run = run;
        self.window = window;
        self.deliveries = Deliveries::new(self.spec.rooms, window);
    }

    #[expect(clippy::cast_possible_truncation, reason = "both are less than CONNECTIONS_MAX")]
    fn room_of(&self, index: usize) -> u32 {
        ((index - self.first_connection) % self.spec.rooms as usize) as u32
    }

    pub(crate) fn handshake(&self, index: usize) -> &Handshake {
        &self.handshakes[self.room_of(index) as usize]
    }

    pub(crate) fn is_sender(&self, index: usize) -> bool {
        index - self.first_connection < self.spec.senders() as usize
    }

    pub(crate) fn joined(&mut self, index: usize) {
        let room = self.room_of(index) as usize;
        self.connected[room] += 1;
    }

    pub(crate) fn left(&mut self, index: usize) {
        let room = self.room_of(index) as usize;
        self.connected[room] = self.connected[room].saturating_sub(1);
    }

    /// The next message of a sender, stamped; and the message that has to make room for it, if there is one.
    pub(crate) fn send(&mut self, index: usize, request: Pending, now_ns: u64, deadline_ns: u64) -> Option<Sending> {
        let given_up = if self.next - self.oldest == UNDER_WAY_MAX as u64 { self.take_oldest() } else { None };
        let room = self.room_of(index);
        let sender = index - self.first_connection;
        self.sequences[sender] += 1;
        let in_room = u32::try_from(sender).unwrap_or(u32::MAX) / self.spec.rooms;
        let sequence = self.sequences[sender];
        Stamp { run: self.run, room, sender: in_room, sequence, number: self.next }
            .write(&mut self.message[self.spec.form.prefix().len()..]);
        let connected = self.connected[room as usize];
        let expected = match self.spec.audience {
            Audience::Everyone => connected,
            Audience::Others => connected.saturating_sub(1),
        };
        let sending = Sending {
            request,
            sent_ns: now_ns,
            first_ns: None,
            acknowledged: false,
            deadline_ns,
            room,
            expected,
            missing: expected,
        };
        let slot = self.slot(self.next);
        self.under_way[slot] = Some(sending);
        self.next += 1;
        given_up
    }

    /// The message that [`send`](Self::send) has stamped.
    pub(crate) fn message(&self) -> &[u8] {
        &self.message
    }

    /// A message has come to a member, whole, with these first bytes; if it was the last delivery of one under way, that one is over.
    pub(crate) fn receive(&mut self, index: usize, head: &[u8], message_bytes: u64, now_ns: u64) -> Option<Sending> {
        let member = index - self.first_connection;
        let (stamp, before_stamp) = match self.spec.form.hear(head) {
            Heard::AsItIs { number } => {
                self.numbers[member] = number;
                return None;
            }
            Heard::Other => (None, 0),
            Heard::Stamped { stamp, number, before_stamp } => {
                if let Some(number) = number {
                    let last = std::mem::replace(&mut self.numbers[member], number);
                    self.deliveries.out_of_order += u64::from(number != last + 1);
                }
                (Stamp::read(stamp), before_stamp)
            }
        };
        let stamp = stamp.filter(|stamp| {
            let known = stamp.run == self.run && stamp.number < self.next && stamp.room == self.room_of(index);
            let length = before_stamp + u64::from(self.spec.message_bytes);
            known && stamp.sender < self.spec.senders_per_room && message_bytes == length
        });
        let Some(stamp) = stamp else {
            self.deliveries.foreign += 1;
            return None;
        };
        let at = member * self.spec.senders_per_room as usize + stamp.sender as usize;
        match self.orders[at].take(stamp.sequence) {
            Came::Again => {
                self.deliveries.duplicates += 1;
                return None;
            }
            Came::OutOfOrder => self.deliveries.out_of_order += 1,
            Came::InOrder => {}
        }
        let is_its_own = member / self.spec.rooms as usize == stamp.sender as usize;
        let slot = self.slot(stamp.number);
        let sending = if stamp.number >= self.oldest { self.under_way[slot].as_mut() } else { None };
        let Some(sending) = sending.filter(|sending| sending.missing > 0) else {
            self.deliveries.late += 1;
            return None;
        };
        sending.missing -= 1;
        sending.first_ns.get_or_insert(now_ns);
        if sending.request.membership != Membership::WarmUp {
            let latency_ns = now_ns.saturating_sub(sending.request.due_ns);
            self.deliveries.came(sending.room, self.window, now_ns, latency_ns);
            if is_its_own {
                self.deliveries.acknowledgement.saturating_record(latency_ns);
            }
        }
        sending.acknowledged |= is_its_own;
        if sending.missing > 0 {
            return None;
        }
        let over = self.under_way[slot].take();
        self.skip_over();
        over
    }

    /// Takes the oldest message under way if its time is over.
    pub(crate) fn take_expired(&mut self, now_ns: u64) -> Option<Sending> {
        if self.next_deadline_ns() > now_ns { None } else { self.take_oldest() }
    }

    /// When the oldest message under way has to be delivered; `u64::MAX` where none is under way.
    pub(crate) fn next_deadline_ns(&self) -> u64 {
        if self.oldest == self.next {
            return u64::MAX;
        }
        self.under_way[self.slot(self.oldest)].map_or(u64::MAX, |sending| sending.deadline_ns)
    }

    pub(crate) fn take_oldest(&mut self) -> Option<Sending> {
        let slot = self.slot(self.oldest);
        let oldest = self.under_way[slot].take();
        self.skip_over();
        oldest
    }

    pub(crate) fn under_way(&mut self) -> impl Iterator<Item = &mut Sending> {
        self.under_way.iter_mut().flatten()
    }

    /// A message of the window is over, with whatever is missing of it.
    pub(crate) fn count(&mut self, sending: &Sending, now_ns: u64) {
        if sending.request.membership != Membership::WarmUp {
            let took_ns = now_ns.saturating_sub(sending.request.due_ns);
            self.deliveries.over(sending.room, sending.expected, sending.missing, took_ns);
            if self.spec.audience == Audience::Everyone && !sending.acknowledged {
                self.deliveries.acknowledgement.saturating_record(took_ns);
            }
        }
    }

    /// Goes on to the oldest message that is under way.
    fn skip_over(&mut self) {
        while self.oldest < self.next && self.under_way[self.slot(self.oldest)].is_none() {
            self.oldest += 1;
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "less than UNDER_WAY_MAX")]
    fn slot(&self, number: u64) -> usize {
        (number % UNDER_WAY_MAX as u64) as usize
    }
}

impl Sending {
    /// Whether nobody was to get it.
    pub(crate) const fn is_for_nobody(&self) -> bool {
        self.expected == 0
    }
}
