//! Rows of the URL table for people: a page is looked at, and forms are sent to it.

use actix_web::dev::HttpServiceFactory;
use actix_web::{FromRequest, Handler, Resource, Responder, web};

use super::lost;

/// A page at one address.
pub(super) struct Page {
    resource: Resource,
    is_shown: bool,
    is_sent_to: bool,
}

/// A page at `path`, which answers nothing yet.
pub(super) fn page(path: &str, name: &'static str) -> Page {
    Page { resource: web::resource(path).name(name), is_shown: false, is_sent_to: false }
}

impl Page {
    /// Shown by `handler`.
    pub(super) fn get<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        Self { resource: self.resource.route(web::get().to(handler)), is_shown: true, ..self }
    }

    /// Its forms are taken by `handler`.
    pub(super) fn post<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        Self { resource: self.resource.route(web::post().to(handler)), is_sent_to: true, ..self }
    }
}

impl HttpServiceFactory for Page {
    fn register(self, config: &mut actix_web::dev::AppService) {
        let allow = match (self.is_shown, self.is_sent_to) {
            (true, true) => "GET, POST",
            (true, false) => "GET",
            (false, _) => "POST",
        };
        self.resource.default_service(lost::wrong_method(allow)).register(config);
    }
}
