//! A request as HTTP/2 sends it, made once before the run.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Uri};

use crate::request::{RequestSpec, check};

/// A request that is ready to be sent any number of times.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) request: Request<()>,
    /// Shared, not copied, by all that send it.
    pub(crate) body: Bytes,
}

impl Template {
    pub(crate) fn new(spec: &RequestSpec, host: &str) -> Result<Self, String> {
        check(spec)?;
        let wrong = |what: &str| format!("`{what}` cannot be sent over HTTP/2");
        let named = spec.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("host"));
        let authority = named.map_or(host, |(_, value)| value);
        let uri = Uri::builder().scheme("http").authority(authority).path_and_query(spec.path.as_str());
        let mut request = Request::new(());
        *request.uri_mut() = uri.build().map_err(|_| wrong(&spec.path))?;
        *request.method_mut() = Method::from_bytes(spec.method.as_bytes()).map_err(|_| wrong(&spec.method))?;
        for (name, value) in spec.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("host")) {
            let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong(name))?;
            let value = HeaderValue::from_str(value).map_err(|_| wrong(value))?;
            request.headers_mut().append(key, value);
        }
        Ok(Self { request, body: Bytes::copy_from_slice(&spec.body) })
    }

    pub(crate) fn request(&self) -> Request<()> {
        let mut request = Request::new(());
        request.method_mut().clone_from(self.request.method());
        request.uri_mut().clone_from(self.request.uri());
        request.headers_mut().clone_from(self.request.headers());
        request
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_becomes_the_authority() {
        let plain = Template::new(&RequestSpec::get("/a?b=c"), "127.0.0.1:80").unwrap().request();
        assert_eq!(plain.uri().to_string(), "http://127.0.0.1:80/a?b=c");
        let headers = vec![("Host".to_owned(), "other".to_owned()), ("x-y".to_owned(), "z".to_owned())];
        let named = Template::new(&RequestSpec { headers, ..RequestSpec::get("/") }, "h").unwrap().request();
        assert_eq!(named.uri().authority().unwrap().as_str(), "other");
        assert_eq!((named.headers().len(), &named.headers()["x-y"]), (1, &HeaderValue::from_static("z")));
    }
}
