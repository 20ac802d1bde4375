//! The contract of an HTTP API: each request is described beside its handler, and the OpenAPI document is made
//! of the descriptions.
//!
//! [`Routes`] is the only way to add a request, so a router and its document cannot differ in what there is.
//! Schemas derive from the Rust types that are read and written.

mod document;
mod operation;

use axum::Router;
use axum::handler::Handler;
use axum::routing::on;

pub(crate) use self::document::{Info, below, document};
pub(crate) use self::operation::{Operation, Segment, complete, example_line};

/// Handlers with their descriptions.
#[derive(Debug)]
pub(crate) struct Routes<S> {
    router: Router<S>,
    operations: Vec<Operation>,
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// No requests yet.
    pub(crate) fn new() -> Self {
        Self { router: Router::new(), operations: Vec::new() }
    }

    /// Adds a request.
    pub(crate) fn on<H: Handler<T, S>, T: 'static>(mut self, operation: Operation, handler: H) -> Self {
        self.router = self.router.route(operation.path(), on(operation.filter(), handler));
        self.operations.push(operation);
        self
    }

    /// Adds the requests of another part of the API.
    pub(crate) fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.operations.extend(other.operations);
        self
    }

    /// The handlers.
    pub(crate) fn into_router(self) -> Router<S> {
        self.router
    }

    /// The descriptions, in the order in which they were added.
    pub(crate) fn into_operations(self) -> Vec<Operation> {
        self.operations
    }
}
