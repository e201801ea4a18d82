/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A Java program that checks itself: threads that compute, allocate (the collector runs
 * all the time), sleep, park, talk over sockets and start processes.  Prints "pid N"
 * and "ready"; on "quit" on stdin "checks N harms M", and ends with 0 if M is 0.
 *
 * usage: java -Xmx128m JavaLoad.java
 */
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

class JavaLoad {
	static final int NAP_MS = 5;
	static final long PRODUCT = product();
	static final AtomicLong checks = new AtomicLong(), harms = new AtomicLong();
	static volatile boolean stopping;
	static ServerSocket listener;

	interface Check {
		void run() throws Exception;
	}

	static void expect(String what, Object got, Object want) {
		checks.incrementAndGet();
		if (got.equals(want))
			return;
		harms.incrementAndGet();
		System.out.println("HARM " + what + ": got " + got + ", want " + want);
	}

	static void compute() {
		double sum = 0;

		for (int i = 0; i < 40; i++)
			sum += 1.0 / (1L << i);
		expect("double", sum, 2.0 - Math.pow(2, -39));
		expect("long", product(), PRODUCT);
	}

	/* The first time interpreted, later by what the compiler made of it. */
	static long product() {
		long product = 1;

		for (int i = 1; i < 100000; i++)
			product = product * 6364136223846793005L + i;
		return product;
	}

	static void allocate() {
		HashMap<Integer, byte[]> map = new HashMap<>();

		for (int i = 0; i < 500; i++) {
			byte[] block = new byte[4096];
			Arrays.fill(block, (byte)i);
			map.put(i, block);
		}
		for (int i = 0; i < 500; i++)
			for (int j = 0; j < 4096; j += 512)
				expect("byte of the heap", map.get(i)[j], (byte)i);
	}

	static void nap() throws Exception {
		long began = System.nanoTime();

		Thread.sleep(NAP_MS);
		expect("sleep", System.nanoTime() - began >= NAP_MS * 1000000L, true);
	}

	/* Parking may end early, but not for ever. */
	static void park() throws Exception {
		ArrayBlockingQueue<Integer> queue = new ArrayBlockingQueue<>(4);
		Thread giver = new Thread(() -> {
			try {
				for (int i = 0; i < 50; i++) {
					LockSupport.parkNanos(100000);
					queue.put(i);
				}
			} catch (InterruptedException e) {
				expect("interrupted", e.toString(), "");
			}
		});

		giver.start();
		for (int i = 0; i < 50; i++)
			expect("queue", queue.poll(60, TimeUnit.SECONDS), i);
		giver.join();
	}

	static void serve() {
		for (;;) {
			try (Socket peer = listener.accept()) {
				peer.getInputStream().transferTo(peer.getOutputStream());
			} catch (Exception e) {
				expect("server", e.toString(), "");
			}
		}
	}

	static void talk() throws Exception {
		try (Socket peer = new Socket(listener.getInetAddress(), listener.getLocalPort())) {
			DataOutputStream to = new DataOutputStream(peer.getOutputStream());
			DataInputStream from = new DataInputStream(peer.getInputStream());

			for (long i = 0; i < 100; i++) {
				to.writeLong(i);
				expect("socket", from.readLong(), i);
			}
			peer.setSoTimeout(NAP_MS);
			try {
				expect("nothing to read", from.read(), "a timeout");
			} catch (SocketTimeoutException e) {
				checks.incrementAndGet();
			}
		}
	}

	static void process() throws Exception {
		Process echo = new ProcessBuilder("echo", "a b").start();

		expect("echo", new String(echo.getInputStream().readAllBytes()), "a b\n");
		expect("status", echo.waitFor(), 0);
	}

	static void work(Check check) {
		while (!stopping) {
			try {
				check.run();
			} catch (Exception e) {
				expect("exception", e.toString(), "");
			}
		}
	}

	public static void main(String[] args) throws Exception {
		Check[] all = { JavaLoad::compute, JavaLoad::allocate, JavaLoad::nap,
				JavaLoad::park,	   JavaLoad::talk,     JavaLoad::process,
				JavaLoad::compute, JavaLoad::allocate };
		var pool = Executors.newFixedThreadPool(all.length);
		Future<?>[] ends = new Future<?>[all.length];

		System.out.println("pid " + ProcessHandle.current().pid());
		listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
		Thread server = new Thread(JavaLoad::serve);
		server.setDaemon(true);
		server.start();
		for (int i = 0; i < all.length; i++) {
			Check check = all[i];
			ends[i] = pool.submit(() -> work(check));
		}
		System.out.println("ready");
		System.in.read();
		stopping = true;
		for (Future<?> end : ends)
			end.get();
		System.out.println("checks " + checks + " harms " + harms);
		System.exit(harms.get() > 0 ? 1 : 0);
	}
}
