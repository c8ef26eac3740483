//! Definitions of the canonical run, as an author writes them.

use model::define::catalog::{Catalog, DefinitionFile, DefinitionFiles};

const FLASK: &str = r#"
name = "flask"
title = "Flask"
about = "Flask under gunicorn's threaded worker."
language = "python"
colour = "orange"
marker = "circle"
lock = "requirements.lock"
default_mode = "threads"
default_runtime = "gil"
routes = ["/health", "/stats", "/cpu", "/upstream", "/bystander"]
runtimes.gil = { kind = "cpython", version = ">=3.13" }
runtimes.free-threaded = { kind = "cpython", version = ">=3.13", free_threaded = true, lacks = ["/upstream"] }

[modes.threads]
about = "One process with threads."
processes = "1"
command = ["{python}", "-m", "gunicorn", "--bind", "127.0.0.1:{port}", "--threads", "{threads}", "app:app"]
env = { CLAIMBENCH_THREADS = "{threads}" }
parameters.threads = { about = "Threads.", default = 4, min = 1, max = 64 }

[modes.workers]
about = "Worker processes."
processes = "{workers}"
command = ["{python}", "-m", "gunicorn", "--bind", "127.0.0.1:{port}", "--workers", "{workers}", "app:app"]
parameters.workers = { about = "Processes.", default = 2, min = 1, max = 64 }

[[settings]]
setting = "worker_class = gthread"
reason = "The default sync worker closes the connection after each answer."
guide = "gunicorn documentation, Settings, keepalive"
"#;

const EXPRESS: &str = r#"
name = "express"
title = "Express"
about = "Express on Node.js."
language = "javascript"
colour = "bluish-green"
marker = "triangle"
lock = "package-lock.json"
default_mode = "single"
routes = ["/health", "/stats", "/cpu", "/upstream", "/bystander"]
runtimes.node = { kind = "node", version = ">=22" }

[modes.single]
about = "One process."
processes = "1"
command = ["{node}", "server.js", "--port", "{port}"]
env = { NODE_ENV = "production" }

[[settings]]
setting = "NODE_ENV=production"
reason = "Express caches views and says less in errors."
guide = "https://expressjs.com/en/advanced/best-practice-performance.html"
"#;

const FASTAPI: &str = r#"
name = "fastapi"
title = "FastAPI"
about = "FastAPI under uvicorn."
language = "python"
colour = "blue"
marker = "square"
lock = "requirements.lock"
default_mode = "single"
routes = ["/health", "/stats", "/cpu", "/upstream", "/bystander"]
runtimes.python = { kind = "cpython", version = ">=3.11" }

[modes.single]
about = "One process."
processes = "1"
command = ["{python}", "-m", "uvicorn", "--port", "{port}", "app:app"]
"#;

/// No claim names it: it does not offer all routes, and some in one mode only.
const DJANGO: &str = r#"
name = "django"
title = "Django"
about = "Django under uvicorn and under gunicorn."
language = "python"
colour = "vermilion"
marker = "diamond"
lock = "requirements.lock"
default_mode = "asgi"
routes = ["/health", "/stats", "/cpu"]
runtimes.python = { kind = "cpython", version = ">=3.11" }

[modes.asgi]
about = "One uvicorn process."
processes = "1"
command = ["{python}", "-m", "uvicorn", "--port", "{port}", "asgi:application"]
adds = ["/bystander"]

[modes.gthread]
about = "One gunicorn process."
processes = "1"
command = ["{python}", "-m", "gunicorn", "--bind", "127.0.0.1:{port}", "wsgi:application"]
"#;

const CPU: &str = r#"
name = "cpu-sieve"
title = "Prime sieve in pure Python"
about = "CPU-bound work without a C library: a sieve up to 200,000."
measure = "4s"
[[stream]]
name = "main"
load.closed = { connections = 16 }
[[stream.step]]
path = "/cpu/sieve?n=200000"
"#;

const WAIT: &str = r#"
name = "upstream-wait"
title = "Awaited upstream call of 50 ms"
about = "The route awaits another service."
measure = "4s"
[[stream]]
name = "main"
load.closed = { connections = 64 }
[[stream.step]]
path = "/upstream"
"#;

const BYSTANDER: &str = r#"
name = "bystander"
title = "A cheap route beside CPU work"
about = "One client keeps asking for CPU work while cheap requests are due: the bystanders."
measure = "4s"
[[stream]]
name = "bystander"
load.open = { rate = 250, connections = 128 }
[[stream.step]]
path = "/bystander"
[[stream]]
name = "cpu"
role = "background"
load.closed = { connections = 1 }
[[stream.step]]
path = "/cpu/sieve?n=200000"
"#;

const CAPACITY: &str = r#"
name = "upstream-capacity"
title = "Greatest rate of awaited calls"
about = "The route awaits another service; the greatest rate within an objective is searched for."
measure = "4s"
[[stream]]
name = "main"
load.search = { objective = { quantile = 0.99, at_most = "50ms", errors_at_most = 0.001 }, connections = 256 }
[[stream.step]]
path = "/upstream"
"#;

/// A claim: id, family, statement, article, workload, the rest.
const CLAIMS: [(&str, &str, &str, &str, &str, &str); 8] = [
    (
        "gil-threads",
        "gil",
        "Under the GIL, four threads do at most a tenth more CPU-bound Python work than one.",
        "The global interpreter lock limits Python's threads on CPU-bound work.",
        "cpu-sieve",
        r#"controls = ["gil-processes"]
metric.throughput = {}
factors = [{ parameter = "threads" }]
baseline = { server = "flask", mode = "threads", runtime = "gil", parameters = { threads = 1 }, cores = 2, limit = "one-core" }
treatment = { server = "flask", mode = "threads", runtime = "gil", parameters = { threads = 4 }, cores = 2, limit = "one-core" }
levels = { parameter = "threads", values = [1, 2, 4, 8] }
decision = { region = "at-most", margin = 0.1, reason = "Nobody adds threads for less than a tenth." }"#,
    ),
    (
        "gil-processes",
        "gil",
        "Two processes do at least 1.6 times the CPU-bound Python work of one.",
        "The global interpreter lock limits Python's threads on CPU-bound work.",
        "cpu-sieve",
        r#"role = "control"
metric.throughput = {}
factors = [{ parameter = "workers" }]
baseline = { server = "flask", mode = "workers", runtime = "gil", parameters = { workers = 1 }, cores = 2, limit = "one-core" }
treatment = { server = "flask", mode = "workers", runtime = "gil", parameters = { workers = 2 }, cores = 2 }
levels = { parameter = "workers", values = [1, 2, 4] }
decision = { region = "greater", margin = 0.6, reason = "Less would mean that this machine cannot scale." }"#,
    ),
    (
        "gil-off",
        "gil",
        "Without the GIL, four threads do at least half again the CPU-bound Python work of one.",
        "(what the article does not know)",
        "cpu-sieve",
        r#"controls = ["gil-processes"]
metric.throughput = {}
factors = [{ parameter = "threads" }]
baseline = { server = "flask", mode = "threads", runtime = "free-threaded", parameters = { threads = 1 }, cores = 2, limit = "one-core" }
treatment = { server = "flask", mode = "threads", runtime = "free-threaded", parameters = { threads = 4 }, cores = 2 }
decision = { region = "greater", margin = 0.5, reason = "Half again is worth a new build." }"#,
    ),
    (
        "gil-io",
        "gil-io",
        "Under the GIL, 32 threads answer at least four times as many I/O-bound requests as four.",
        "(naive reading: threads are useless)",
        "upstream-wait",
        r#"metric.throughput = {}
factors = [{ parameter = "threads" }]
baseline = { server = "flask", parameters = { threads = 4 }, limit = "concurrency" }
treatment = { server = "flask", parameters = { threads = 32 }, limit = "concurrency" }
decision = { region = "greater", margin = 3.0, reason = "Half of what is ideal." }"#,
    ),
    (
        "loop-blocking",
        "loop-blocking",
        "Beside CPU work in the same process, the slowest hundredth of Express's cheap requests is at least twice as slow as FastAPI's.",
        "Node runs JavaScript on a single thread.",
        "bystander",
        r#"metric.response-time = { quantile = 0.99, stream = "bystander" }
factors = ["server"]
baseline = { server = "fastapi", limit = "none" }
treatment = { server = "express", limit = "none" }
decision = { region = "greater", margin = 1.0, reason = "Twice the tail latency is what makes a team move work off the loop." }"#,
    ),
    (
        "equal-tails",
        "loop-blocking",
        "Express and Flask hold up cheap requests alike: the slowest hundredth differs by less than a tenth.",
        "(the same question for threads)",
        "bystander",
        r#"metric.response-time = { quantile = 0.99, stream = "bystander" }
factors = ["server"]
baseline = { server = "flask", limit = "none" }
treatment = { server = "express", limit = "none" }
decision = { region = "equivalent", margin = 0.1, reason = "Less than a tenth nobody notices." }"#,
    ),
    (
        "node-io",
        "node-io",
        "One Express process sustains at least a quarter more I/O-bound requests per second than one FastAPI process.",
        "Node excels at I/O.",
        "upstream-capacity",
        r#"metric.capacity = {}
factors = ["server"]
baseline = { server = "fastapi", limit = "one-core" }
treatment = { server = "express", limit = "one-core" }
decision = { region = "greater", margin = 0.25, reason = "A quarter fewer servers is worth a look." }"#,
    ),
    (
        "never-ran",
        "loop-blocking",
        "With 64 threads, Flask holds up cheap requests no more than with eight.",
        "(a claim whose treatment always fails)",
        "bystander",
        r#"metric.response-time = { quantile = 0.99, stream = "bystander" }
factors = [{ parameter = "threads" }]
baseline = { server = "flask", parameters = { threads = 8 }, limit = "none" }
treatment = { server = "flask", parameters = { threads = 64 }, limit = "none" }
decision = { region = "at-most", margin = 0.1, reason = "Less than a tenth nobody notices." }"#,
    ),
];

fn file(name: &str, text: String) -> DefinitionFile {
    DefinitionFile { path: format!("{name}.toml"), name: name.to_owned(), text }
}

fn claim((id, family, statement, article, workload, rest): &(&str, &str, &str, &str, &str, &str)) -> DefinitionFile {
    let text = format!(
        "id = \"{id}\"\nfamily = \"{family}\"\nstatement = \"{statement}\"\narticle = \"{article}\"\nsection = \"Architecture and concurrency\"\nreading = \"What is compared is one process; what other work would show is left out.\"\nworkload = \"{workload}\"\n{rest}\n"
    );
    file(id, text)
}

/// The canonical catalog.
pub(crate) fn catalog() -> Catalog {
    let files = DefinitionFiles {
        workloads: [
            ("cpu-sieve", CPU),
            ("upstream-wait", WAIT),
            ("upstream-capacity", CAPACITY),
            ("bystander", BYSTANDER),
        ]
        .map(|(name, text)| file(name, text.to_owned()))
        .to_vec(),
        servers: [("flask", FLASK), ("express", EXPRESS), ("fastapi", FASTAPI), ("django", DJANGO)]
            .map(|(name, text)| file(name, text.to_owned()))
            .to_vec(),
        claims: CLAIMS.iter().map(claim).collect(),
        untestable: Vec::new(),
    };
    Catalog::define(&files).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
}
