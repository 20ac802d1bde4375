//! State of an oracle per session, link or code. A table is sufficient because ids are indices.

/// Capacity of the first allocation.
const ROOM: usize = 16;

/// Rows by the index of an id.
#[derive(Clone, Debug)]
pub(super) struct ById<V> {
    rows: Vec<Option<V>>,
}

impl<V> Default for ById<V> {
    fn default() -> Self {
        Self { rows: Vec::new() }
    }
}

impl<V> ById<V> {
    pub(super) fn get(&self, at: usize) -> Option<&V> {
        self.rows.get(at)?.as_ref()
    }

    pub(super) fn get_mut(&mut self, at: usize) -> Option<&mut V> {
        self.rows.get_mut(at)?.as_mut()
    }

    /// Inserts a row and returns the previous one at this index, if any.
    pub(super) fn insert(&mut self, at: usize, row: V) -> Option<V> {
        self.place(at).replace(row)
    }

    pub(super) fn remove(&mut self, at: usize) -> Option<V> {
        self.rows.get_mut(at)?.take()
    }

    pub(super) fn or_default(&mut self, at: usize) -> &mut V
    where
        V: Default,
    {
        self.place(at).get_or_insert_default()
    }

    /// The existing rows with their indices, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &V)> {
        self.rows.iter().enumerate().filter_map(|(at, row)| Some((at, row.as_ref()?)))
    }

    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.rows.iter_mut().flatten()
    }

    fn place(&mut self, at: usize) -> &mut Option<V> {
        if self.rows.len() <= at {
            // Most tables stay this small, so they allocate once.
            self.rows.reserve(ROOM.saturating_sub(self.rows.len()));
            self.rows.resize_with(at + 1, || None);
        }
        &mut self.rows[at]
    }
}
